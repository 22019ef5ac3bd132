import Glibc
import Kernels
import Synchronization
import Testing

/// A region that never ends would hang the whole suite; this ends the process with a sentence.
private func watched(seconds: UInt32 = 60, _ body: () -> Void) {
  let finished = WatchdogFlag()
  let thread = startWatchdog(finished, seconds: seconds)
  body()
  finished.set()
  pthread_join(thread, nil)
}

private final class WatchdogFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  func set() { flag.store(true, ordering: .releasing) }
  var isSet: Bool { flag.load(ordering: .acquiring) }
}

private func startWatchdog(_ flag: WatchdogFlag, seconds: UInt32) -> pthread_t {
  final class Start {
    let flag: WatchdogFlag
    let seconds: UInt32
    init(_ flag: WatchdogFlag, _ seconds: UInt32) { (self.flag, self.seconds) = (flag, seconds) }
  }
  var handle = pthread_t()
  let start = Unmanaged.passRetained(Start(flag, seconds)).toOpaque()
  let status = pthread_create(
    &handle, nil,
    { raw in
      guard let raw else { return nil }
      let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
      for _ in 0..<(start.seconds * 200) {
        if start.flag.isSet { return nil }
        usleep(5_000)
      }
      fatalError("a thread pool region did not end within \(start.seconds) seconds")
    }, start)
  precondition(status == 0)
  return handle
}

@Suite("Thread pool", .serialized)
struct ThreadPoolTests {
  @Test("Each worker runs exactly once in each of thousands of regions", arguments: [1, 2, 3, 5])
  func everyWorkerOnce(threads: Int) {
    watched {
      let pool = ThreadPool(threads: threads)
      var counts = [Int](repeating: 0, count: threads * 16)
      let regions = 4_000
      counts.withUnsafeMutableBufferPointer { counts in
        let base = Writable(counts)
        for _ in 0..<regions { pool.run { worker in base.elements[worker * 16] += 1 } }
      }
      for worker in 0..<threads { #expect(counts[worker * 16] == regions) }
    }
  }

  @Test("Writes pass from the caller to the workers, between regions, and back")
  func visibility() {
    watched {
      let (threads, count) = (4, 1_000)
      let pool = ThreadPool(threads: threads)
      var values = [Int](repeating: 0, count: count)
      values.withUnsafeMutableBufferPointer { buffer in
        let values = Writable(buffer)
        for round in 0..<500 {
          // Each region's shares lie elsewhere, so it reads what other workers wrote before.
          pool.run { worker in
            let shifted = (worker + round) % threads
            for i in ThreadPool.share(of: count, worker: shifted, workers: threads) {
              values.elements[i] += i
            }
          }
        }
      }
      #expect(values == (0..<count).map { 500 * $0 })
    }
  }

  @Test("Uneven work still joins all workers", arguments: [0, 1_400])
  func unevenWork(spins: Int) {
    watched {
      let pool = ThreadPool(threads: 3, spins: spins)
      let total = Atomic<Int>(0)
      for round in 0..<300 {
        pool.run { worker in
          if round % 3 == worker { usleep(200) }
          total.add(worker + 1, ordering: .relaxed)
        }
        #expect(total.load(ordering: .relaxed) == 6 * (round + 1))
      }
    }
  }

  @Test("Helpers that went to sleep wake for the next region")
  func parkAndWake() {
    watched {
      let pool = ThreadPool(threads: 2)
      let runs = Atomic<Int>(0)
      for _ in 0..<60 {
        usleep(2_000)
        pool.run { _ in runs.add(1, ordering: .relaxed) }
      }
      for _ in 0..<2_000 {
        // About as long as the spin: some helpers are met on their way to sleep.
        usleep(30)
        pool.run { _ in runs.add(1, ordering: .relaxed) }
      }
      #expect(runs.load(ordering: .relaxed) == 2 * 2_060)
    }
  }

  @Test("Pools come and go, used or not")
  func creationAndDestruction() {
    watched {
      let runs = Atomic<Int>(0)
      for round in 0..<200 {
        let pool = ThreadPool(threads: 1 + round % 4, spins: round % 5 * 100)
        if round % 3 != 0 { pool.run { _ in runs.add(1, ordering: .relaxed) } }
      }
      let expected = (0..<200).filter { $0 % 3 != 0 }.reduce(0) { $0 + 1 + $1 % 4 }
      #expect(runs.load(ordering: .relaxed) == expected)
    }
  }

  @Test("A pool ends its threads")
  func threadsEnd() {
    watched {
      for _ in 0..<50 {
        let pool = ThreadPool(threads: 9)
        pool.run { _ in }
      }
      // 50 pools of 8 helpers would leave 400 threads behind.
      #expect(liveThreads() < 200)
    }
  }

  @Test("Shares cover every item once, in order, on whole grains")
  func shares() {
    for count in [0, 1, 2, 7, 16, 97, 1_000] {
      for workers in [1, 2, 3, 7, 64] {
        for grain in [1, 4, 6, 16] {
          var next = 0
          for worker in 0..<workers {
            let share = ThreadPool.share(of: count, worker: worker, workers: workers, grain: grain)
            #expect(share.lowerBound == min(next, count) || share.isEmpty)
            #expect(share.upperBound == count || share.upperBound % grain == 0)
            if !share.isEmpty { next = share.upperBound }
          }
          #expect(next == count)
        }
      }
    }
  }

  @Test("Sharing items runs each item once and leaves helpers asleep for one grain")
  func shareItems() {
    watched {
      let pool = ThreadPool(threads: 3)
      for count in [0, 1, 5, 64, 1_001] {
        var hits = [Int](repeating: 0, count: count)
        hits.withUnsafeMutableBufferPointer { buffer in
          let hits = Writable(buffer)
          pool.forEachShare(of: count, grain: 8) { items in for i in items { hits.elements[i] += 1 }
          }
        }
        #expect(hits == [Int](repeating: 1, count: count))
      }
    }
  }
}

/// Lets workers write disjoint elements of one array.
private struct Writable: @unchecked Sendable {
  let elements: UnsafeMutableBufferPointer<Int>
  init(_ elements: UnsafeMutableBufferPointer<Int>) { self.elements = elements }
}

/// Threads of this process, as the kernel counts them.
private func liveThreads() -> Int {
  guard let directory = opendir("/proc/self/task") else { return 0 }
  defer { closedir(directory) }
  var entries = 0
  while readdir(directory) != nil { entries += 1 }
  return entries - 2
}
