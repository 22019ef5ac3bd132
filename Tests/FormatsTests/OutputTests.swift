import Basics
import Formats
import Foundation
import TestSupport
import Testing

/// The one writer: what it replaces, what it writes in place, and what it refuses beforehand.
@Suite struct OutputTests {
  private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func linksAreFollowedAlsoToWhatIsNotThereYet() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.file("real", Data("old, and longer".utf8))
    #expect(symlink("real", folder.path("link")) == 0)
    #expect(symlink(folder.path("link"), folder.path("second")) == 0)
    #expect(symlink("later", folder.path("dangling")) == 0)
    try AtomicFile.write(Data("new".utf8), to: folder.path("second"))
    try AtomicFile.write(Data("made".utf8), to: folder.path("dangling"))
    #expect(try text(file) == "new")
    #expect(try text(folder.path("later")) == "made")
    #expect(folder.names() == ["dangling", "later", "link", "real", "second"])
    var status = stat()
    #expect(lstat(folder.path("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test(arguments: [0o600, 0o640, 0o755] as [mode_t])
  func permissionsStay(_ wanted: mode_t) throws {
    let folder = try TemporaryDirectory()
    let file = try folder.file("f", Data("old".utf8))
    #expect(chmod(file, wanted) == 0)
    try AtomicFile.write(Data("new".utf8), to: file)
    #expect(mode(file) == wanted)
  }

  @Test func aFileOfTwoNamesKeepsBoth() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.file("f", Data("old, and longer".utf8))
    #expect(link(file, folder.path("g")) == 0)
    try AtomicFile.write(Data("new".utf8), to: file)
    #expect(try text(folder.path("g")) == "new")
    #expect(folder.names() == ["f", "g"])
  }

  /// Process numbers come again, above all in containers, where each run has the same.
  @Test func whatAKilledProcessLeftIsNotInTheWay() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.file("f.part-\(getpid())", Data("half".utf8))
    _ = try folder.file("f.part-1-abc", Data("half".utf8))
    _ = try folder.file("f.part-of-mine", Data("kept".utf8))
    try AtomicFile.write(Data("new".utf8), to: folder.path("f"))
    #expect(try text(folder.path("f")) == "new")
    #expect(folder.names() == ["f", "f.part-of-mine"])
  }

  @Test func aWriterAtWorkIsNotTakenForALeftover() throws {
    let folder = try TemporaryDirectory()
    var first = try AtomicFile(path: folder.path("f"))
    try AtomicFile.write(Data("second".utf8), to: folder.path("f"))
    try Array("first".utf8).withUnsafeBytes { try first.append($0) }
    try first.commit()
    #expect(try text(folder.path("f")) == "first")
    #expect(folder.names() == ["f"])
  }

  @Test func aNameAsLongAsNamesMayBe() throws {
    let folder = try TemporaryDirectory()
    let name = String(repeating: "n", count: 255)
    try AtomicFile.write(Data("new".utf8), to: folder.path(name))
    #expect(folder.names() == [name])
  }

  /// Standard output redirected to a file is that file, at the place where it stands.
  @Test(arguments: ["/dev/fd", "/proc/self/fd"])
  func aDescriptorIsWrittenToAsItIs(_ names: String) throws {
    let folder = try TemporaryDirectory()
    let file = try folder.file("f", Data())
    let descriptor = open(file, O_RDWR)
    defer { close(descriptor) }
    #expect(write(descriptor, "before ", 7) == 7)
    try AtomicFile.write(Data("after".utf8), to: "\(names)/\(descriptor)")
    #expect(write(descriptor, " end", 4) == 4)
    #expect(try text(file) == "before after end")
    #expect(folder.names() == ["f"])
  }

  @Test func aPipeGetsAllAndTheQuestionBeforeNothing() throws {
    let folder = try TemporaryDirectory()
    let pipe = folder.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    try AtomicFile.refuseUnwritable(pipe)
    let reader = open(pipe, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try AtomicFile.write(Data("through".utf8), to: pipe)
    var bytes = [UInt8](repeating: 0, count: 32)
    #expect(read(reader, &bytes, bytes.count) == 7)
    var status = stat()
    #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func whatCannotBeWrittenIsRefusedBeforehand() throws {
    let folder = try TemporaryDirectory()
    let reading = open("/dev/null", O_RDONLY)
    defer { close(reading) }
    #expect(symlink("circle", folder.path("circle")) == 0)
    let places = [
      folder.root, folder.path("none/f"), folder.path("f/"), "", folder.path("circle"),
      "/dev/fd/\(reading)", "/dev/fd/987",
    ]
    for place in places {
      let error = #expect(throws: Problem.self, "\(place)") {
        try AtomicFile.refuseUnwritable(place)
      }
      #expect(error?.kind == .cannotWrite)
    }
    for place in [folder.path("f"), "-", "/dev/null"] { try AtomicFile.refuseUnwritable(place) }
    #expect(folder.names() == ["circle"])
  }

  @Test func whatCannotBeReadIsAnErrorOfTheWriter() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.file("w", Data("old".utf8))
    let unreadable = Problem(.malformed, "it shrank")
    let error = #expect(throws: Problem.self) {
      try SafetensorsFile.write([("a", [1])], to: path) { _ in throw unreadable }
    }
    #expect(error == unreadable)
    #expect(try text(path) == "old")
    #expect(folder.names() == ["w"])
  }
}
