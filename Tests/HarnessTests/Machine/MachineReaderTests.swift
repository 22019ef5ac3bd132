import Foundation
import Harness
import Testing

@Suite struct MachineReaderTests {
  /// A folder with the pseudo files that a test wants to be read.
  private final class Folder {
    let path = NSTemporaryDirectory() + "costcurve-machine-\(UUID().uuidString)"

    func write(_ file: String, _ text: String) throws {
      let url = URL(fileURLWithPath: path + "/" + file)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: false, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test func readsThisMachine() {
    let machine = MachineReader.machine()
    #expect(machine.cores >= 1)
    #expect(machine.affinity >= 1)
    #expect(machine.memoryBytes > 1 << 20)
    #expect(MachineReader.availableThreads >= 1)
    #expect(MachineReader.availableThreads <= machine.affinity)
    #expect(MachineReader.peakMemoryBytes() ?? 0 > 1 << 20)
  }

  @Test func readsCachesAndProcessor() throws {
    let folder = Folder()
    try folder.write(
      "proc/cpuinfo",
      "processor\t: 0\nmodel name\t: Test CPU\nflags\t\t: fma avx2 hypervisor\n\nprocessor\t: 1\n")
    try folder.write("proc/meminfo", "MemTotal:        2048 kB\nMemAvailable: 1024 kB\n")
    for (index, (level, type, size)) in [("1", "Data", "48K"), ("3", "Unified", "32M")].enumerated()
    {
      let cache = "sys/devices/system/cpu/cpu0/cache/index\(index)"
      try folder.write(cache + "/level", level + "\n")
      try folder.write(cache + "/type", type + "\n")
      try folder.write(cache + "/size", size + "\n")
      try folder.write(cache + "/shared_cpu_list", index == 0 ? "0\n" : "0-3,8\n")
    }
    let machine = MachineReader.machine(
      proc: folder.path + "/proc", sys: folder.path + "/sys")
    #expect(machine.cpu == "Test CPU")
    #expect(machine.flags == ["avx2", "fma", "hypervisor"])
    #expect(machine.cores == 2)
    #expect(machine.memoryBytes == 2048 * 1024)
    #expect(machine.hypervisor == "unnamed")
    #expect(machine.governor == nil)
    #expect(
      machine.caches == [
        .init(level: 1, type: "data", bytes: 48 * 1024, sharedBy: 1),
        .init(level: 3, type: "unified", bytes: 32 << 20, sharedBy: 5),
      ])
  }

  @Test func quotaOfBothControlGroupVersions() throws {
    let folder = Folder()
    let quota = { CgroupQuota.cpus(proc: folder.path + "/proc", sys: folder.path + "/sys") }
    try folder.write("proc/self/cgroup", "0::/a/b\n")
    #expect(quota() == nil)
    try folder.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n")
    #expect(quota() == nil)
    // The parent's limit binds the child too.
    try folder.write("sys/fs/cgroup/a/cpu.max", "150000 100000\n")
    #expect(quota() == 1.5)

    try folder.write("proc/self/cgroup", "2:cpuacct:/\n1:cpu:/job\n0::/\n")
    try folder.write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "50000\n")
    try folder.write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n")
    #expect(quota() == 0.5)
    try folder.write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n")
    #expect(quota() == nil)
  }

  @Test func pressureAndSteal() throws {
    let folder = Folder()
    try folder.write("proc/stat", "cpu  100 0 0 880 0 0 0 20 0 0\n")
    try folder.write("proc/pressure/cpu", "some avg10=4.42 avg60=6.94 avg300=3.72 total=1\n")
    let meter = NoiseMeter(proc: folder.path + "/proc")
    #expect(meter.stealPercent == nil)
    try folder.write("proc/stat", "cpu  150 0 0 925 0 0 0 25 0 0\n")
    let reading = meter.reading(preemptionPercent: 12)
    #expect(reading.stealPercent == 5)
    #expect(reading.pressurePercent == 4.42)
    #expect(reading.preemptionPercent == 12)
  }

  @Test func onlyTellingVariablesAreKept() {
    let kept = ContextReader.environment(["OPENBLAS_NUM_THREADS": "1", "HOME": "/x", "OMP_X": "2"])
    #expect(kept == ["OPENBLAS_NUM_THREADS": "1", "OMP_X": "2"])
  }
}
