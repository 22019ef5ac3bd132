import Foundation
import TestSupport

/// A worker written in the shell, so that verdicts and failures can be had without timing anything.
enum ScriptedWorker {
  /// Writes an executable whose every call of every case takes `ns`, and does the work of a product
  /// of 256x256x256.
  ///
  /// - Parameters:
  ///   - name: Of the file.
  ///   - directory: Where the file goes.
  ///   - ns: Nanoseconds of every call.
  ///   - correctness: What it says of its answers.
  ///   - protocolVersion: What it says it speaks.
  ///   - march: The instruction set that it says it was built for.
  ///   - onRun: Shell that is run before it answers a `run`; the case is `$id`.
  /// - Returns: The file's path.
  /// - Throws: Where the file cannot be written.
  static func write(
    _ name: String, in directory: TemporaryDirectory, ns: Int, correctness: String = "passed",
    protocolVersion: Int = 1, march: String = "x86-64-v3", onRun: String = ""
  ) throws -> String {
    try directory.executable(
      name,
      """
      while read -r word rest; do case "$word" in
      hello) echo '{"ok":true,"protocol":\(protocolVersion),"worker":"fake",'\\
      '"march":"\(march)"}';;
      prepare) id=${rest%% *}
        echo '{"ok":true,"case":{"id":"'"${rest%% *}"'","kind":"gemm","parameters":{},'\\
      '"algorithm":"fake","threads":1,'\\
      '"flop":{"direct":33554432,"executed":1}}}';;
      checksum) echo '{"ok":true,"checksum":"1"}';;
      check) echo '{"ok":true,"correctness":{"status":"\(correctness)","max_error":0}}';;
      run) \(onRun) echo '{"ok":true,"samples_ns":[\(ns).0],"flags":[""],"calls_per_sample":1}';;
      quit) exit 0;;
      esac; done
      """)
  }
}
