import Basics
import Formats
import Foundation
import TestSupport
import Testing

/// Models of ONNX's format, written and read back.
@Suite struct ModelFileTests {
  private func read(_ bytes: [UInt8], _ directory: TemporaryDirectory) throws -> ModelFile {
    try ModelFile(path: try directory.file("m.onnx", Data(bytes)))
  }

  @Test func readsWhatItWrites() throws {
    let directory = try TemporaryDirectory()
    try SampleModel.make().write(to: directory.path("a"))
    let model = try ModelFile(path: directory.path("a"))
    #expect(model.formatVersion == 8 && model.producer == "costcurve")
    #expect(model.operatorVersion == 17)
    let graph = model.graph
    #expect(graph.nodes.map(\.operation) == ["Conv", "If"] && graph.name == "sample")
    #expect(graph.nodes[0].inputs == ["x", "w", ""] && graph.nodes[0].name == "conv")
    guard case .integers([1, 0, -1, 1 << 40])? = graph.nodes[0]["pads"],
      case .integer(0)? = graph.nodes[0]["group"],
      case .floats([1, .infinity])? = graph.nodes[1]["scales"],
      case .texts([[], [0xFF, 0]])? = graph.nodes[1]["words"],
      case .graphs(let branches)? = graph.nodes[1]["branches"],
      case .tensor(let value)? = graph.nodes[1]["value"],
      case .reference("given", type: 1)? = graph.nodes[1]["outer"]
    else {
      Issue.record("an attribute is another one")
      return
    }
    #expect(branches.map { $0.nodes[0].operation } == ["Identity", "Identity"])
    #expect(try value.integers() == [-1, 7])
    #expect(try graph.initializers[0].doubles() == [1.5, -2])
    #expect(
      try graph.initializers[1].doubles() == [] && graph.initializers[1].dimensions == [0, 3])
    guard case .texts(let words) = graph.initializers[2].content else {
      Issue.record("no texts")
      return
    }
    #expect(words == [Array("one".utf8), []])
    #expect(try graph.initializers[3].doubles() == [1, -2])
    #expect(graph.inputs == SampleModel.make().graph.inputs)
    #expect(graph.outputs == SampleModel.make().graph.outputs)
    try model.write(to: directory.path("b"))
    try SampleModel.make().write(to: directory.path("c"))
    let written = try ["a", "b", "c"].map {
      try Data(contentsOf: URL(filePath: directory.path($0)))
    }
    #expect(Set(written).count == 1 && directory.names() == ["a", "b", "c"])
  }

  @Test func writesWhatTheFormatSays() throws {
    let directory = try TemporaryDirectory()
    var graph = ModelFile.Graph(name: "g")
    graph.nodes = [
      ModelFile.Node(
        "Elu", inputs: ["x"], outputs: ["y"],
        attributes: [ModelFile.Attribute("alpha", .float(2))])
    ]
    graph.initializers = [ModelFile.Tensor("w", [1, 2], floats: [1, 2])]
    graph.inputs = [ModelFile.Port("x", .tensor(.float32, [.symbol("N"), .fixed(300)]))]
    var model = ModelFile(graph, operatorSets: [ModelFile.OperatorSet(version: 17)])
    model.notes = [ModelFile.Note("a", "b")]
    model.functions = [ModelFile.Function()]
    try model.write(to: directory.path("m"))
    let alpha =
      Wire.text(1, "alpha") + Wire.varint(2 << 3 | 5) + Wire.float(2) + Wire.integer(20, 1)
    let node = Wire.text(1, "x") + Wire.text(2, "y") + Wire.text(4, "Elu") + Wire.bytes(5, alpha)
    let weight =
      Wire.integer(1, 1) + Wire.integer(1, 2) + Wire.integer(2, 1) + Wire.text(8, "w")
      + Wire.bytes(9, Wire.float(1) + Wire.float(2))
    let shape = Wire.bytes(1, Wire.text(2, "N")) + Wire.bytes(1, Wire.integer(1, 300))
    let port =
      Wire.text(1, "x")
      + Wire.bytes(2, Wire.bytes(1, Wire.integer(1, 1) + Wire.bytes(2, shape)))
    let expected =
      Wire.integer(1, 8) + Wire.bytes(8, Wire.text(1, "") + Wire.integer(2, 17))
      + Wire.bytes(14, Wire.text(1, "a") + Wire.text(2, "b"))
      + Wire.bytes(25, Wire.text(1, "") + Wire.text(10, ""))
      + Wire.bytes(
        7, Wire.bytes(1, node) + Wire.text(2, "g") + Wire.bytes(11, port) + Wire.bytes(5, weight))
    let written = try Data(contentsOf: URL(filePath: directory.path("m")))
    #expect([UInt8](written) == expected)
    #expect(try ModelFile(path: directory.path("m")).notes == [ModelFile.Note("a", "b")])
  }

  @Test(arguments: ModelFile.Element.allCases)
  func keepsElementsOfEveryType(element: ModelFile.Element) throws {
    guard element != .string else { return }
    let directory = try TemporaryDirectory()
    let bytes = (0..<(3 * element.bits + 7) / 8).map { UInt8(truncatingIfNeeded: 7 * $0 + 1) }
    var graph = ModelFile.Graph(name: "g")
    graph.initializers = [ModelFile.Tensor("t", element, [3], .bytes(bytes))]
    let model = ModelFile(graph, operatorSets: [ModelFile.OperatorSet(version: 23)])
    try model.write(to: directory.path("m"))
    let tensor = try ModelFile(path: directory.path("m")).graph.initializers[0]
    #expect(tensor.element == element && tensor.dimensions == [3])
    #expect(try tensor.bytes() == bytes)
    do throws(Problem) {
      #expect(try tensor.doubles().count == 3)
      #expect(element.numbers != nil)
    } catch {
      #expect(element.numbers == nil && error.description.contains(element.name))
    }
  }

  /// Types, dimensions, fields that hold elements, and the numbers that they are.
  static let typed: [(type: Int64, dimensions: [Int64], fields: [UInt8], numbers: [Double])] = [
    (1, [2], Wire.bytes(4, Wire.float(1.5) + Wire.float(-2)), [1.5, -2]),
    (1, [2], [0x25] + Wire.float(1.5) + [0x25] + Wire.float(-2), [1.5, -2]),
    (11, [1], Wire.bytes(10, Wire.little((-0.1).bitPattern, 8)), [-0.1]),
    (6, [], Wire.integer(5, -7), [-7]),
    (3, [2], Wire.bytes(5, Wire.varint(UInt64(bitPattern: -7)) + [5]), [-7, 5]),
    (2, [2], Wire.bytes(5, Wire.varint(255) + [5]), [255, 5]),
    (9, [3], Wire.bytes(5, [1, 0, 1]), [1, 0, 1]),
    (10, [1], Wire.integer(5, 0xC000), [-2]),
    (16, [1], Wire.integer(5, 0x3F80), [1]),
    (22, [3], Wire.bytes(5, Wire.varint(0x7F) + [0x08]), [-1, 7, -8]),
    (21, [3], Wire.bytes(9, [0x7F, 0x08]), [15, 7, 8]),
    (26, [4], Wire.bytes(9, [0b01_10_11_00]), [0, -1, -2, 1]),
    (7, [2, 1], Wire.integer(7, -1) + Wire.integer(7, 1 << 40), [-1, Double(1 << 40)]),
    (13, [1], Wire.bytes(11, Wire.varint(1 << 63)), [0x1p63]),
    (12, [1], Wire.integer(11, 4_294_967_295), [4_294_967_295]),
    (1, [0], [], []),
  ]

  @Test(arguments: typed)
  func readsElementsOfTypedFields(
    type: Int64, dimensions: [Int64], fields: [UInt8], numbers: [Double]
  ) throws {
    let directory = try TemporaryDirectory()
    let model = try read(Wire.model(tensor: Wire.tensor(type, dimensions, fields)), directory)
    let tensor = model.graph.initializers[0]
    #expect(try tensor.doubles() == numbers)
    var floats = [Float](repeating: 0, count: tensor.count)
    try floats.withUnsafeMutableBufferPointer { buffer in try tensor.read(into: buffer) }
    #expect(floats == numbers.map { Float($0) })
    if tensor.element.bits <= 32, numbers.allSatisfy({ $0 == $0.rounded() }), type != 1, type != 10,
      type != 16
    {
      #expect(try tensor.integers() == numbers.map { Int64($0) })
    }
  }

  @Test func findsElementsBesideTheModel() throws {
    let directory = try TemporaryDirectory()
    let data = [UInt8](repeating: 9, count: 3) + Wire.float(1.5) + Wire.float(-2)
    _ = try directory.file("w.bin", Data(data))
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("link"), withDestinationPath: "w.bin")
    for location in ["w.bin", "./w.bin", "link"] {
      for length in [[("length", "8")], []] {
        let entries = [("location", location), ("offset", "3")] + length
        let model = try read(Wire.model(tensor: Wire.external([2], entries)), directory)
        #expect(try model.graph.initializers[0].doubles() == [1.5, -2])
      }
    }
  }

  @Test func takesTheTypeOfAnAttributeFromItsValueInOldFiles() throws {
    let directory = try TemporaryDirectory()
    let attribute = Wire.text(1, "axis") + Wire.integer(3, -1)
    let node = Wire.text(2, "y") + Wire.text(4, "Softmax") + Wire.bytes(5, attribute)
    let model = try read(Wire.model(graph: Wire.bytes(1, node)), directory)
    guard case .integer(-1)? = model.graph.nodes[0]["axis"] else {
      Issue.record("no number")
      return
    }
  }

  @Test func passesOverWhatItDoesNotKnow() throws {
    let directory = try TemporaryDirectory()
    let unknown =
      Wire.text(1000, "later") + Wire.integer(1001, 5) + Wire.varint(1002 << 3 | 5)
      + Wire.float(1) + Wire.varint(1003 << 3 | 1) + Wire.little(1, 8)
    let model = try read(Wire.model(graph: unknown) + unknown, directory)
    #expect(model.graph.nodes.isEmpty && model.operatorVersion == 17)
  }

  @Test func refusesToWriteWhatOthersCouldNotRead() throws {
    let directory = try TemporaryDirectory()
    var graph = ModelFile.Graph(name: "g")
    graph.initializers = [
      ModelFile.Tensor("t", .float32, [1 << 29]) { preconditionFailure("nobody asked") }
    ]
    var model = ModelFile(graph, operatorSets: [ModelFile.OperatorSet(version: 17)])
    var error = #expect(throws: Problem.self) { try model.write(to: directory.path("m")) }
    #expect(error?.description.contains("less than 2 GiB") == true)
    model.graph.initializers = []
    model.graph.inputs = [ModelFile.Port("x", .other("sequence"))]
    error = #expect(throws: Problem.self) { try model.write(to: directory.path("m")) }
    #expect(error?.description.contains("not a tensor") == true)
    #expect(directory.names() == [])
  }
}
