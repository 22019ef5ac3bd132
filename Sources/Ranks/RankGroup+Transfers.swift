import Basics
import CShims
import Glibc

extension RankGroup {
  package func send(
    _ values: UnsafePointer<Float>, count: Int, to rank: Int, tag: Int,
    _ request: inout RankRequest
  ) throws(Problem) {
    let bytes = Int32(count * MemoryLayout<Float>.stride)
    try call("MPI_Isend") {
      costcurve_mpi_send(values, bytes, Int32(rank), Int32(tag), &request.raw)
    }
  }

  package func receive(
    _ values: UnsafeMutablePointer<Float>, count: Int, from rank: Int, tag: Int,
    _ request: inout RankRequest
  ) throws(Problem) {
    let bytes = Int32(count * MemoryLayout<Float>.stride)
    try call("MPI_Irecv") {
      costcurve_mpi_receive(values, bytes, Int32(rank), Int32(tag), &request.raw)
    }
  }

  package func sum(
    _ values: UnsafeMutablePointer<Float>, count: Int, _ request: inout RankRequest
  ) throws(Problem) {
    try call("MPI_Iallreduce") { costcurve_mpi_sum(values, Int32(count), &request.raw) }
  }

  package func isDone(_ request: inout RankRequest) throws(Problem) -> Bool {
    var isDone: Int32 = 0
    try call("MPI_Test") { costcurve_mpi_test(&request.raw, &isDone) }
    return isDone != 0
  }

  package func stalled(_ what: String) -> Problem {
    broken(
      "\(name) has waited \(Int(stallSeconds.rounded(.up))) s for \(what): another rank hangs, or "
        + "the way to it is cut; --stall gives it more time")
  }

  /// Waits for a transfer, but not for ever.
  ///
  /// - Parameters:
  ///   - request: Of the transfer.
  ///   - what: What is waited for, for the sentence.
  /// - Throws: `caseFailed` after `stallSeconds`, or what MPI found.
  package func wait(_ request: inout RankRequest, _ what: String) throws(Problem) {
    let begin = costcurve_clock_ns()
    while try !isDone(&request) {
      if Double(costcurve_clock_ns() &- begin) * 1e-9 > stallSeconds { throw stalled(what) }
      // Ranks can be more than CPUs, and the one that is waited for needs one.
      sched_yield()
    }
  }

  /// Waits until all ranks do.
  ///
  /// - Parameter what: What they do together then, for the sentence.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func barrier(_ what: String) throws(Problem) {
    var request = RankRequest()
    try call("MPI_Ibarrier") { costcurve_mpi_barrier(&request.raw) }
    try wait(&request, what)
  }

  /// Bytes of a part of a long transfer, which has the whole of `stallSeconds` for itself: at 40 s,
  /// links of 1 Mbit/s are still fast enough.
  private static let partBytes = 4 << 20

  /// Cuts a long transfer.
  ///
  /// - Parameter count: Bytes.
  /// - Returns: Parts in order, none of them empty.
  package static func parts(of count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: partBytes).map { $0..<min($0 + partBytes, count) }
  }

  /// Replaces bytes by those of rank 0.
  ///
  /// - Parameters:
  ///   - bytes: As many on every rank; MPI may still write to them where it throws.
  ///   - what: What they are, for the sentence.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, _ what: String
  ) throws(Problem) {
    guard let base = bytes.baseAddress else { return }
    for part in Self.parts(of: bytes.count) {
      var request = RankRequest()
      try call("MPI_Ibcast") {
        costcurve_mpi_broadcast(base + part.lowerBound, Int32(part.count), 0, &request.raw)
      }
      try wait(&request, what)
    }
  }

  /// One word of rank 0, on every rank.
  ///
  /// - Parameters:
  ///   - word: Read on rank 0 only.
  ///   - what: What it is, for the sentence.
  /// - Returns: Rank 0's.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func broadcast(_ word: UInt64, _ what: String) throws(Problem) -> UInt64 {
    // Given back only where the transfer has ended: MPI may still write to it.
    let place = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    place.initialize(to: word)
    try broadcast(UnsafeMutableRawBufferPointer(start: place, count: 8), what)
    defer { place.deallocate() }
    return place.pointee
  }

  /// The numbers of every rank, in the order of ranks.
  ///
  /// - Parameters:
  ///   - own: As many on every rank.
  ///   - what: What they are, for the sentence.
  /// - Returns: One array a rank.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func gather<Element: BitwiseCopyable>(
    _ own: [Element], _ what: String
  ) throws(Problem) -> [[Element]] {
    guard let first = own.first else { return [[Element]](repeating: [], count: count) }
    // Given back only where the transfer has ended.
    let mine = UnsafeMutablePointer<Element>.allocate(capacity: own.count)
    let all = UnsafeMutablePointer<Element>.allocate(capacity: own.count * count)
    mine.initialize(from: own, count: own.count)
    all.initialize(repeating: first, count: own.count * count)
    let bytes = own.count * MemoryLayout<Element>.stride
    precondition(bytes * count <= Int(Int32.max), "\(bytes) bytes of \(count) ranks at once")
    var request = RankRequest()
    try call("MPI_Iallgather") {
      costcurve_mpi_gather(mine, Int32(bytes), all, &request.raw)
    }
    try wait(&request, what)
    defer {
      mine.deallocate()
      all.deallocate()
    }
    return (0..<count).map { rank in
      Array(UnsafeMutableBufferPointer(start: all + rank * own.count, count: own.count))
    }
  }

  /// A text of every rank, in the order of ranks.
  ///
  /// - Parameter own: Cut where it is longer than 1000 bytes.
  /// - Returns: One a rank.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func gather(texts own: String) throws(Problem) -> [String] {
    var bytes = Array(own.utf8.prefix(1000))
    bytes += [UInt8](repeating: 0, count: 1024 - bytes.count)
    return try gather(bytes, "what the ranks say of themselves").map { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Whether every rank has the same word.
  ///
  /// - Parameters:
  ///   - word: This rank's.
  ///   - what: What it is, for the sentence.
  /// - Returns: The ranks that have another than rank 0; none where all agree.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func dissenters(_ word: UInt64, _ what: String) throws(Problem) -> [Int] {
    let words = try gather([word], what).map { $0[0] }
    return words.indices.filter { words[$0] != words[0] }
  }
}
