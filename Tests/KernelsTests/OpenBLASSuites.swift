import Testing

/// The suites that call OpenBLAS, one test at a time: its thread count belongs to the process.
@Suite("Over OpenBLAS", .serialized)
enum OpenBLASSuites {}
