import Foundation
import Reporter
import Testing

/// A page allows its own style and script by their hashes, and nothing else.
@Suite struct PagePolicyTests {
  /// SHA-256 in base64, by coreutils.
  private func hash(_ text: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sha256sum"]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let digits = String(decoding: answer, as: UTF8.self)
    let bytes = stride(from: 0, to: 64, by: 2).compactMap { place in
      UInt8(digits.dropFirst(place).prefix(2), radix: 16)
    }
    #expect(bytes.count == 32)
    return Data(bytes).base64EncodedString()
  }

  @Test func theHashesAreThoseOfTheTexts() throws {
    let page = HTMLReport().text(try SampleReport.report)
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
      let start = try #require(page.range(of: "<\(element)>")).upperBound
      let end = try #require(page.range(of: "</\(element)>", range: start..<page.endIndex))
      let allowed = "\(directive) 'sha256-\(try hash(String(page[start..<end.lowerBound])))';"
      #expect(page.contains(allowed), "HTML/PageText.swift lacks: \(allowed)")
    }
  }
}
