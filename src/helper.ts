// The entry of the helper process: it is started by the library, and by nobody else.
import { serve } from './lab/remote/helper.js'

serve()
