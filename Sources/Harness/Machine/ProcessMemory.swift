/// What this process has held in memory.
package enum ProcessMemory {
  /// The peak resident size (`VmHWM`) in bytes, or nil where /proc does not tell.
  package static func peakBytes() -> Int? { KernelFile.bytes(of: "VmHWM", in: "/proc/self/status") }
}
