import TestSupport

/// A worker of inference written in the shell.
enum FakeInference {
  /// Writes an executable that runs `onPrepare` and `onRun` before it answers those lines, with the
  /// case in `$id`, all that it was asked in `$rest`, and the folder in `$D`.
  ///
  /// - Parameters:
  ///   - name: Of the file.
  ///   - directory: Where the file goes.
  ///   - onPrepare: Shell.
  ///   - onRun: Shell.
  ///   - samples: Nanoseconds of calls, as JSON inside single quotes.
  ///   - correctness: What it says of its answers.
  ///   - checksum: What it says that they are.
  /// - Returns: The file's path.
  /// - Throws: Where the file cannot be written.
  static func write(
    _ name: String, in directory: TemporaryDirectory, onPrepare: String = "", onRun: String = "",
    samples: String = "[1000000.0]", correctness: String = "passed", checksum: String = "1"
  ) throws -> String {
    try directory.executable(
      name,
      """
      D='\(directory.root)'
      while read -r word rest; do case "$word" in
      hello) echo '{"ok":true,"protocol":1,"worker":"fake"}';;
      prepare) id=${rest%% *}; \(onPrepare)
        echo '{"ok":true,"case":{"id":"'"$id"'","kind":"infer","parameters":{},'\\
      '"algorithm":"fake","threads":1,"flop":{"direct":1,"executed":1}}}';;
      checksum) echo '{"ok":true,"checksum":"'"\(checksum)"'"}';;
      check) echo '{"ok":true,"correctness":{"status":"\(correctness)","max_error":0.5}}';;
      run) \(onRun)
        echo '{"ok":true,"samples_ns":\(samples),"flags":[""],"calls_per_sample":1,'\\
      '"peak_memory_bytes":1000}';;
      quit) exit 0;;
      esac; done
      """)
  }
}
