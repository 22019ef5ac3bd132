import Formats
import Graphs
import Harness
import Models
import Tensors
import TestSupport
import Testing
import Workloads

/// Masks of dropout that other software is given, so that its losses can be compared with ours.
@Suite struct DropoutMaskTests {
  @Test func areThoseOfTheFirstTwoSteps() throws {
    let folder = try TemporaryDirectory()
    let files = try PeerFiles(
      folder: folder.root,
      training: CaseRequest(id: "train/alexnet-small/b3/t1/native", options: ["classes": "10"]),
      catalogue: Catalogue(caches: MachineReader.machine().caches))
    #expect(files.options["auxiliary-weight"] == nil)
    let graph = try Network.named("alexnet-small", classes: 10).trainingGraph(inputSize: 28)
    let shapes = try graph.shapes(["batch": 3])
    var seen: Set<UInt64> = []
    let layers = graph.nodes.filter { node in
      (node.op as? DropoutMask).map { seen.insert($0.seed).inserted } ?? false
    }
    #expect(layers.count == 2 && files.options["mask-2"] == nil)
    for (index, node) in layers.enumerated() {
      let op = try #require(node.op as? DropoutMask)
      let shape = shapes[node.inputs[0].index]
      let path = try #require(files.options["mask-\(index)"])
      let mask = try NPYFile(path: path, element: .float32, rank: 2).readTensor()
      #expect(mask.shape == [6, shape.count / 3])
      let ones = ReferenceTensor(shape) { _ in 1 }
      // The operator's reference, in the reference implementation's order.
      let expected = [0.0, 1].flatMap { step -> [Double] in
        let factors = op.reference([ones, ReferenceTensor([2], [step, 0])])[0]
        return shape.rank == 4 ? Flattening().reference([factors])[0].values : factors.values
      }
      #expect(mask.values.map(Double.init) == expected)
      #expect(Set(expected) == [0, 2])
      #expect(Array(expected.prefix(shape.count)) != Array(expected.suffix(shape.count)))
    }
  }
}
