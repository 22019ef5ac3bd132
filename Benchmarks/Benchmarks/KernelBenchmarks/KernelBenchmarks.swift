import Benchmark
import Kernels

/// Matrix products and a layer of each kind of ResNet-50, by our kernels and by OpenBLAS, on one
/// thread: a second opinion on what `costcurve kernels` shows.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], warmupIterations: 3, maxDuration: .seconds(2))
  for side in [256, 512, 1024] {
    let shape = GemmShape(m: side, n: side, k: side)
    measure("gemm/\(shape)/native") { ProductUnderTest(shape).runNative }
    measure("gemm/\(shape)/openblas") { ProductUnderTest(shape).runBLAS }
  }
  for (name, shape) in LayerUnderTest.resnet50 {
    for algorithm in [ConvPlan.native(shape), .im2col] {
      measure("conv/resnet50.\(name)/\(algorithm.rawValue)") {
        LayerUnderTest(shape, algorithm).run
      }
    }
  }
}

/// Registers one benchmark; what it needs is made before the clock starts.
private func measure(_ name: String, of make: @escaping @Sendable () -> () -> Void) {
  Benchmark(name) { benchmark in
    let run = make()
    run()
    for _ in benchmark.scaledIterations {
      benchmark.startMeasurement()
      run()
      benchmark.stopMeasurement()
    }
  }
}
