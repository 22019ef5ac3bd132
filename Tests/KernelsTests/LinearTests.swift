import Basics
import Kernels
import TestSupport
import Testing

extension OpenBLASSuites {
  @Suite("Fully connected")
  struct LinearTests {
    static let shapes = [
      LinearShape(images: 1, inputs: 1, outputs: 1),
      LinearShape(images: 1, inputs: 37, outputs: 19),
      LinearShape(images: 5, inputs: 8, outputs: 3),
      LinearShape(images: 16, inputs: 65, outputs: 131),
    ]

    @Test("Forward and the three gradients equal the reference exactly", arguments: shapes)
    func exact(shape: LinearShape) {
      var random = SeededRandom(seed: 21)
      let (x, w, b, dy) = (
        Tensor(random.integers(shape.images * shape.inputs)),
        Tensor(random.integers(shape.inputs * shape.outputs)),
        Tensor(random.integers(shape.outputs)),
        Tensor(random.integers(shape.images * shape.outputs))
      )
      let outputs = shape.images * shape.outputs
      for threads in [1, 3] {
        let pool = ThreadPool(threads: threads)
        for bias in [b.input, nil] {
          let (y, expected) = (Tensor(count: outputs), Tensor(count: outputs))
          Linear.forward(
            shape, input: x.input, weights: w.input, bias: bias, output: y.pointer, pool: pool)
          LinearReference.forward(
            shape, input: x.input, weights: w.input, bias: bias, output: expected.pointer)
          #expect(y.values == expected.values)
          Linear.forward(
            shape, input: x.input, weights: w.input, bias: bias, output: y.pointer,
            appliesReLU: true, pool: pool)
          #expect(y.values == expected.values.map { max($0, 0) })
        }
        let (dx, dw, db) = gradients(shape)
        Linear.backwardData(
          shape, outputGradient: dy.input, weights: w.input, inputGradient: dx.pointer, pool: pool)
        Linear.backwardWeights(
          shape, input: x.input, outputGradient: dy.input, weightGradient: dw.pointer,
          biasGradient: db.pointer, pool: pool)
        let (expectedX, expectedW, expectedB) = gradients(shape)
        LinearReference.backward(
          shape, input: x.input, weights: w.input, outputGradient: dy.input,
          inputGradient: expectedX.pointer, weightGradient: expectedW.pointer,
          biasGradient: expectedB.pointer)
        #expect(dx.values == expectedX.values)
        #expect(dw.values == expectedW.values)
        #expect(db.values == expectedB.values)
      }
    }

    private func gradients(_ shape: LinearShape) -> (Tensor, Tensor, Tensor) {
      (
        Tensor(count: shape.images * shape.inputs, filledWith: .nan),
        Tensor(count: shape.inputs * shape.outputs, filledWith: .nan),
        Tensor(count: shape.outputs, filledWith: .nan)
      )
    }

    /// `Σ output · dy` is linear in input, weights and bias, so differences of whole numbers are
    /// the exact gradient.
    @Test("The reference gradients equal finite differences of the forward pass", arguments: shapes)
    func finiteDifferences(shape: LinearShape) {
      var random = SeededRandom(seed: 8)
      let x = random.integers(shape.images * shape.inputs)
      let w = random.integers(shape.inputs * shape.outputs)
      let b = random.integers(shape.outputs)
      let dy = random.integers(shape.images * shape.outputs)
      func loss(_ x: [Float], _ w: [Float], _ b: [Float]) -> Double {
        let (x, w, b, y) = (Tensor(x), Tensor(w), Tensor(b), Tensor(count: dy.count))
        LinearReference.forward(
          shape, input: x.input, weights: w.input, bias: b.input, output: y.pointer)
        return zip(y.values, dy).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      func difference(_ i: Int, _ values: [Float], _ loss: ([Float]) -> Double) -> Double {
        var (above, below) = (values, values)
        above[i] += 1
        below[i] -= 1
        return (loss(above) - loss(below)) / 2
      }
      let (dx, dw, db) = gradients(shape)
      let (input, weights, gradient) = (Tensor(x), Tensor(w), Tensor(dy))
      LinearReference.backward(
        shape, input: input.input, weights: weights.input, outputGradient: gradient.input,
        inputGradient: dx.pointer, weightGradient: dw.pointer, biasGradient: db.pointer)
      for _ in 0..<5 {
        let i = Int.random(in: x.indices, using: &random)
        let j = Int.random(in: w.indices, using: &random)
        let k = Int.random(in: b.indices, using: &random)
        #expect(Double(dx.values[i]) == difference(i, x) { loss($0, w, b) })
        #expect(Double(dw.values[j]) == difference(j, w) { loss(x, $0, b) })
        #expect(Double(db.values[k]) == difference(k, b) { loss(x, w, $0) })
      }
    }
  }
}
