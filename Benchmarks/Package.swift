// swift-tools-version: 6.1
import Foundation
import PackageDescription

// One instruction set for all targets, as in the package above; 'make bench-swift' sets it.
let march = ProcessInfo.processInfo.environment["COSTCURVE_MARCH"] ?? "x86-64-v3"
let marchParts = march.split(separator: "+").map(String.init)

#if arch(x86_64)
  let isa: [SwiftSetting] = [
    .unsafeFlags(
      (["-march=\(marchParts[0])"]
        + marchParts.dropFirst().map { $0 == "avxvnni" ? "-mavxvnni" : "-mavx512\($0)" })
        .flatMap { ["-Xcc", $0] })
  ]
#else
  let isa: [SwiftSetting] = []
#endif

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "costcurve", path: ".."),
    // Without its traits: the counters of allocations and of reference counts come from packages
    // that hook into the runtime, and only times are asked for here.
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: [
        .product(name: "Kernels", package: "costcurve"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/KernelBenchmarks",
      swiftSettings: isa,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ]
)
