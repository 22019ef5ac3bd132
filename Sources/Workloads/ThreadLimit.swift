import Foundation

/// Whether the limits on processes and memory let this process have the threads that it is to use.
package enum ThreadLimit {
  /// Tells why so many threads cannot be had.
  ///
  /// The pool and OpenBLAS each take a team, and neither can say that one of its threads is missing.
  ///
  /// - Parameter threads: Of one team, the caller included.
  /// - Returns: A sentence without its full stop; nil where they can be had.
  package static func refusal(_ threads: Int) -> String? {
    let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(gate, nil)
    pthread_mutex_lock(gate)
    var handles: [pthread_t] = []
    var failure: Int32 = 0
    for _ in 0..<2 * (threads - 1) where failure == 0 {
      var handle = pthread_t()
      failure = pthread_create(
        &handle, nil,
        { gate in
          guard let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self) else { return nil }
          pthread_mutex_lock(gate)
          pthread_mutex_unlock(gate)
          return nil
        }, gate)
      if failure == 0 { handles.append(handle) }
    }
    pthread_mutex_unlock(gate)
    for handle in handles { pthread_join(handle, nil) }
    pthread_mutex_destroy(gate)
    gate.deallocate()
    guard failure != 0 else { return nil }
    let reason = String(cString: strerror(failure))
    return "\(threads) threads cannot be started (\(reason)); give fewer --threads, or raise "
      + "'ulimit -u' or the container's limit on processes"
  }
}
