// Whoever imports the kernels speaks of memory and work as they do.
@_exported import Tensors
