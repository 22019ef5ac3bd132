import Kernels
import Testing

@Suite("Fetching ahead")
struct FetchTests {
  private func memory(bytes: Int) throws -> UnsafeRawBufferPointer {
    let base = try #require(UnsafeRawPointer(bitPattern: 1 << 20))
    return UnsafeRawBufferPointer(start: base, count: bytes)
  }

  @Test("The steps together reach the end and stop within a step of it", arguments: [1, 63, 1000])
  func reachesTheEnd(steps: Int) throws {
    let memory = try memory(bytes: 60 * steps - 7)
    var fetch = try #require(Fetch.spread(memory, over: steps))
    #expect(fetch.place == memory.baseAddress)
    for _ in 0..<steps { fetch.advance(steps: 1) }
    let past = try fetch.place - #require(memory.baseAddress) - memory.count
    #expect(past >= 0)
    #expect(past < steps)
  }

  @Test("No line is left out in between, though the end may not be reached")
  func leavesNoGaps() throws {
    let fetch = try #require(Fetch.spread(memory(bytes: 1 << 20), over: 100))
    #expect(fetch.pace == Fetch.line)
  }

  @Test("Nothing comes of no memory or no steps")
  func nothing() throws {
    #expect(try Fetch.spread(memory(bytes: 100), over: 0) == nil)
    #expect(try Fetch.spread(memory(bytes: 0), over: 100) == nil)
    #expect(Fetch.spread(UnsafeRawBufferPointer(start: nil, count: 0), over: 1) == nil)
  }
}
