#pragma once
// Becomes the keeper of `lab`: keeps `lock` and `creator`, writes a byte to `ready` once it is set up. Never returns.
_Noreturn void keeper_main(const char *lab, int lock, int creator, int ready);
