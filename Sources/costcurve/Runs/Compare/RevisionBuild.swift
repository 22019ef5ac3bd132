import Basics
import Foundation
import Harness
import History

/// A git revision of costcurve, built in a folder of its own, so that the working tree stays as it
/// is; the binary is kept in the user's cache.
struct RevisionBuild {
  /// As the user wrote it.
  var name: String
  var commit: String
  /// Top folder of the repository.
  var repository: String
  /// Built for the same instruction set as this program: a comparison is of code, not of flags.
  var march = ContextReader.march
  /// Whether the build's own lines are shown.
  var quiet: Bool

  /// The revision that a word names in the repository around this folder; nil for none.
  init?(_ word: String, quiet: Bool) {
    guard let top = GitState.git(["rev-parse", "--show-toplevel"], folder: "."),
      let commit = GitState.git(
        ["rev-parse", "--verify", "--quiet", word + "^{commit}"], folder: top)
    else { return nil }
    (name, self.commit, repository, self.quiet) = (word, commit, top, quiet)
  }

  /// The name with the commit that it stands for today.
  var title: String {
    let short = commit.prefix(12)
    return name.hasPrefix(short) ? name : "\(name) (\(short))"
  }

  /// Path of the release binary, built on first use.
  ///
  /// - Throws: Exit 3 when the revision is no costcurve or does not build.
  func executable() throws -> String {
    let folder = "\(UserFolders.cache())/revisions/\(commit)-\(march)"
    let binary = folder + "/costcurve"
    noteChanges()
    if FileManager.default.isExecutableFile(atPath: binary) { return binary }
    guard GitState.git(["cat-file", "-e", commit + ":Package.swift"], folder: repository) != nil
    else {
      throw Problem(
        .caseFailed, "\(title) of '\(repository)' has no Package.swift: it is not costcurve.")
    }
    try Folder.make(folder, hint: "; set XDG_CACHE_HOME to another place")
    // Whoever wants the same revision meanwhile waits, and finds it built.
    let turn = FolderLock(above: binary) {
      Console.error("costcurve: \(title) is being built by another costcurve; waiting for it")
    }
    defer { turn.release() }
    if FileManager.default.isExecutableFile(atPath: binary) { return binary }
    try build(in: folder, to: binary)
    return binary
  }

  private func build(in folder: String, to binary: String) throws {
    let sources = folder + "/sources"
    Console.error(
      "costcurve: building \(title) for \(march) in '\(sources)', once; this takes minutes")
    // Only the binary is kept: sources and objects are half a gigabyte.
    let script = """
      exec 2>&1
      rm -rf "$2" && mkdir "$2" \
      && git -C "$1" archive --format=tar -o "$2.tar" "$3" && tar -x -f "$2.tar" -C "$2" \
      && swift build -c release --product costcurve --package-path "$2" \
      && cp "$2/.build/release/costcurve" "$4.new" && mv "$4.new" "$4" \
      && rm -rf "$2" "$2.tar"
      """
    let launch = WorkerLaunch(
      executable: "/bin/sh", arguments: ["-c", script, "sh", repository, sources, commit, binary],
      environment: ["COSTCURVE_MARCH": march, "COSTCURVE_COMMIT": commit])
    let cancel = Interrupt.cancelFlag()
    var last: [String] = []
    let succeeded = try RelayedProgram.run(launch, cancel: cancel) { line in
      if !quiet { Console.error(line) }
      last = last.suffix(19) + [line]
    }
    if succeeded { return }
    if quiet { last.forEach { Console.error($0) } }
    throw Problem(
      .caseFailed, "\(title) does not build for \(march); see above, and try it in '\(sources)'.")
  }

  /// A revision is what was committed; whoever has changed the files may expect those.
  private func noteChanges() {
    guard !quiet, let state = GitState.read(folder: repository), state.dirty, state.commit == commit
    else { return }
    Console.error(
      "costcurve: \(name) is what was committed; the changes in '\(repository)' are not part of it")
  }
}
