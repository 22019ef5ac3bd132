import Basics
import Foundation
import Interchange
import Models
import Tensors
import Training

/// What a subject is run over, to learn the ranges of its values or to count its right answers.
package struct GivenItems {
  /// Items that calibration takes at most: a few dozen suffice, and more only take time.
  package static let mostOfCalibration = 500
  /// Items where they are made from a seed.
  package static let seededCount = 32

  /// Number of items.
  package let count: Int
  /// Files that they come from, as they were named; none for seeded ones.
  package let paths: [String]
  /// Items that the files have; nil where there is no end of them.
  private let all: Int?
  /// What each of them is.
  private let noun: String
  private let source: Source

  private enum Source {
    case seed(UInt32)
    case set(ImageSet, ImageSet.Scaling)
    /// With the number of images of the files before each.
    case images([(file: ImageFile, first: Int)])
    case arrays(InputArrays)
  }

  /// Items made from a seed, which are those of no data set.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - seed: Of the first one.
  package init(seeded count: Int = seededCount, seed: UInt32 = 1001) {
    (self.count, paths, all, noun) = (count, [], nil, "seeded item")
    source = .seed(seed)
  }

  /// Images of a data set.
  ///
  /// - Parameters:
  ///   - set: The images.
  ///   - scaling: What makes numbers of their pixels.
  ///   - noun: What each of them is, such as `test image`.
  ///   - most: Images that are taken at most.
  ///   - paths: Where they come from.
  init(
    _ set: ImageSet, _ scaling: ImageSet.Scaling, called noun: String, most: Int, paths: [String]
  ) {
    (count, all, self.noun, self.paths) = (min(set.count, most), set.count, noun, paths)
    source = .set(set, scaling)
  }

  /// Images of files.
  ///
  /// - Parameters:
  ///   - paths: `.npy` files, or folders of them.
  ///   - network: What reads the images.
  ///   - size: Side of an image.
  ///   - most: Images that are taken at most.
  /// - Throws: Files that are absent or damaged, or images that the network does not take.
  package init(
    _ paths: [String], for network: Network, size: Int, most: Int = mostOfCalibration
  ) throws(Problem) {
    var (files, found): ([(file: ImageFile, first: Int)], Int) = ([], 0)
    for path in try Self.files(paths) {
      let file = try ImageFile(path: path, network: network)
      guard file.size == size else {
        throw Problem(
          .malformed, "\(path): has images of \(file.size) pixels a side, not of \(size)")
      }
      files.append((file, found))
      found += file.count
    }
    (count, all, noun, self.paths) = (min(found, most), found, "item", paths)
    source = .images(files)
  }

  /// Items of arrays that a model of a file or a network for texts takes.
  ///
  /// - Parameters:
  ///   - paths: `NAME=FILE` of each of its inputs; one file without a name where one has to be given.
  ///   - model: What reads them.
  ///   - option: Whose values the paths are, for a sentence.
  ///   - most: Items that are taken at most.
  /// - Throws: Files that are absent, damaged, or of another shape.
  package init(
    _ paths: [String], for model: some ArraySubject, option: String = "--calibration",
    most: Int = mostOfCalibration
  ) throws(Problem) {
    var byName: [String: String] = [:]
    let names = try model.ports(batch: nil).inputs.map(\.name)
    let needed = names.filter { model.usualNumber(of: $0) == nil }
    for path in paths {
      let name = names.first { path.hasPrefix("\($0)=") }
      guard let known = name ?? (needed.count == 1 ? needed[0] : nil) else {
        throw Problem(
          .usage,
          "\(option) \(path): \(model.title) takes \(names.joined(separator: " and ")); say "
            + "which it is, as in \(option) \(names.first ?? "NAME")=FILE.npy.")
      }
      byName[known] = name == nil ? path : String(path.dropFirst(known.count + 1))
    }
    let arrays = try InputArrays(byName, of: model)
    (count, all, noun, self.paths) = (min(arrays.count, most), arrays.count, "item", paths)
    source = .arrays(arrays)
  }

  /// Whether they were made from a seed.
  package var isSeeded: Bool { if case .seed = source { true } else { false } }

  /// What they are, in words: `500 items`, `the first 500 of 1000 items`, `32 seeded items`.
  package var description: String { words(for: count) }

  /// The same of those that were read, which may be fewer where several are at a time.
  ///
  /// - Parameter used: How many.
  /// - Returns: A clause.
  package func words(for used: Int) -> String {
    guard let all, used < all else { return "\(used) \(noun)\(used == 1 ? "" : "s")" }
    return "the first \(used) of \(all) \(noun)s"
  }

  /// The files that paths name: themselves, and the `.npy` files of folders in the order of names.
  private static func files(_ paths: [String]) throws(Problem) -> [String] {
    var files: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      guard exists, isFolder.boolValue else {
        files.append(path)
        continue
      }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      let own = names.filter { $0.hasSuffix(".npy") }.sorted().map { "\(path)/\($0)" }
      guard !own.isEmpty else {
        throw Problem(.absent, "\(path): has no .npy file; give a file or a folder of them")
      }
      files += own
    }
    return files
  }

  /// Puts some items where a program reads them.
  ///
  /// - Parameters:
  ///   - items: Which, as many as the program handles.
  ///   - block: The program's inputs.
  /// - Throws: A file that changed since it was opened, or values that are not finite.
  package func read(_ items: Range<Int>, into block: InputBlock) throws(Problem) {
    switch source {
    case .seed(let seed): block.fill(seed: seed &+ UInt32(truncatingIfNeeded: items.lowerBound))
    case .arrays(let arrays): try arrays.read(items, into: block)
    case .set(let set, let scaling):
      // Images of one channel lie as files have them.
      let (target, size) = (block.elements(0, of: Float.self), set.size * set.size)
      for place in 0..<items.count * size {
        target[place] = scaling(set.pixels[items.lowerBound * size + place])
      }
    case .images(let files):
      let shape = block.type(0).shape
      let size = shape.count / shape.N
      let target = block.elements(0, of: Float.self)
      guard let base = target.baseAddress else { return }
      for (place, item) in items.enumerated() {
        guard let (file, first) = files.last(where: { $0.first <= item }) else { continue }
        try file.read(item - first..<item - first + 1, into: base + place * size)
      }
    }
  }
}
