export declare const GROUND: string[]
export declare const KIND_LINKS: Record<string, { kind: string; settings: object }>
export declare function commandsOf(name: string): string[]
export declare function shownSettings(link: any): { kind: string } | null
