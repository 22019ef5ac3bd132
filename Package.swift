// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// The instruction set that every Swift target is built for.
///
/// It must be one and the same in all of them: a SIMD function inlined from a target built with
/// the flag into one built without becomes eight calls of `fmaf`. `make build` sets
/// `COSTCURVE_MARCH` to what the CPU has. A level can be followed by what is added to it:
/// x86-64-v4+vnni+bf16, x86-64-v3+avxvnni.
let march = ProcessInfo.processInfo.environment["COSTCURVE_MARCH"] ?? "x86-64-v3"
let level = String(march.prefix { $0 != "+" })
let additions = march.split(separator: "+").dropFirst().map(String.init)

/// Every name under which the sources know what they are built for.
let marchNames = [marchMacro(level)] + additions.map { $0.uppercased() }

#if arch(x86_64)
  let isa: [SwiftSetting] =
    [
      .unsafeFlags(
        (["-march=\(level)"] + additions.map(marchFlag)).flatMap { ["-Xcc", $0] })
    ] + marchNames.map { .define("COSTCURVE_\($0)") }
#else
  let isa: [SwiftSetting] = []
#endif

/// Kernels are timed and tested as optimised code, also where the tests around them are not.
let optimised: [SwiftSetting] = isa + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Innermost loops begin at a cache line: where a tile's loop happened to lie made more than a tenth of
/// its time, so that any change elsewhere could make a kernel "slower". The number is a power of two.
#if arch(x86_64)
  let aligned: [SwiftSetting] =
    optimised
    + [.unsafeFlags(["-Xllvm", "-x86-experimental-pref-innermost-loop-alignment=6"])]
#else
  let aligned = optimised
#endif

/// The name under which the sources know the level of the instruction set.
func marchMacro(_ level: String) -> String {
  switch level {
  case "x86-64-v4": "AVX512"
  case "x86-64-v3": "AVX2"
  default: "BASELINE"
  }
}

/// The compiler's flag for an addition to a level: those of AVX-512 are known by their last part.
func marchFlag(_ addition: String) -> String {
  addition == "avxvnni" ? "-mavxvnni" : "-mavx512\(addition)"
}

/// The commit that is built, as `.ci/commit` says it; `make` sets the variable, nothing is guessed.
let commit = ProcessInfo.processInfo.environment["COSTCURVE_COMMIT"].flatMap { text in
  !text.isEmpty && text.allSatisfy { $0.isHexDigit || $0 == "+" } ? text : nil
}

let package = Package(
  name: "costcurve",
  products: [
    .library(name: "Kernels", targets: ["Kernels"]),
    .executable(name: "costcurve", targets: ["costcurve"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    // Without its two traits: SwiftPM names several to the compiler in another order each time that it
    // plans a build (its issue 10525), and compiles the package again.
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
  ],
  targets: [
    // Its header alone: with a pkg-config name the library would be linked, and loaded at every start.
    .systemLibrary(name: "CBLAS", providers: [.apt(["libopenblas-dev"])]),
    .target(
      name: "CShims",
      // The CPU check runs before anything built for newer instructions, so it names what it
      // checks but is itself built for the baseline.
      cSettings: marchNames.map { .define("COSTCURVE_MARCH_\($0)") }),
    .target(name: "Tensors", exclude: ["README.md"], swiftSettings: optimised),
    .target(
      name: "CBuild", cSettings: commit.map { [.define("COSTCURVE_COMMIT", to: $0)] } ?? []),
    .target(
      name: "Kernels", dependencies: ["Basics", "CBLAS", "CShims", "Tensors"],
      exclude: ["README.md"],
      swiftSettings: aligned),
    .target(
      name: "Graphs", dependencies: ["Basics", "Kernels", "Tensors"], exclude: ["README.md"],
      swiftSettings: optimised),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Basics", swiftSettings: optimised),
    .target(
      name: "Ranks", dependencies: ["Basics", "CShims"], exclude: ["README.md"],
      swiftSettings: optimised),
    .target(
      name: "ONNXSchema",
      dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["README.md", "onnx.proto"], swiftSettings: optimised),
    .target(
      name: "Formats", dependencies: ["Basics", "CZlib", "ONNXSchema"], swiftSettings: optimised),
    .target(
      name: "Models", dependencies: ["Basics", "Formats", "Graphs", "Kernels", "Tensors"],
      exclude: ["README.md"], swiftSettings: optimised),
    .target(
      name: "Interchange",
      dependencies: ["Basics", "Formats", "Graphs", "Kernels", "Models", "Tensors"],
      exclude: ["README.md"], swiftSettings: optimised),
    .target(
      name: "Programs",
      dependencies: [
        "Basics", "CShims", "Formats", "Graphs", "Kernels", "Models", "Ranks", "Tensors",
      ],
      exclude: ["README.md"], swiftSettings: optimised),
    .target(
      name: "Training",
      dependencies: [
        "Basics", "Formats", "Graphs", "Kernels", "Models", "Programs", "Ranks", "Tensors",
      ],
      exclude: ["README.md"], swiftSettings: optimised),
    .target(
      name: "Harness", dependencies: ["Basics", "CShims", "Tensors"], exclude: ["Schemas"],
      swiftSettings: optimised),
    .target(
      name: "Workloads",
      dependencies: [
        "Basics", "Formats", "Graphs", "Harness", "Interchange", "Kernels", "Models", "Programs",
        "Ranks", "Tensors", "Training",
      ],
      swiftSettings: isa),
    .target(name: "CRecords"),
    .target(name: "CPage", exclude: ["page.css", "page.js"]),
    .target(
      name: "Economics", dependencies: ["Basics", "CRecords", "Harness"],
      exclude: ["ATTRIBUTION.md", "Data", "README.md", "Schemas"],
      swiftSettings: optimised),
    .target(
      name: "History",
      dependencies: ["Basics", "CShims", "Harness", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: isa),
    .target(
      name: "Reporter", dependencies: ["Basics", "CPage", "Harness", "Economics", "History"],
      swiftSettings: isa),
    .executableTarget(
      name: "costcurve",
      dependencies: [
        "Basics", "CBuild", "Formats", "Graphs", "Interchange", "Kernels", "Models", "Programs",
        "Ranks", "Training", "Harness", "Workloads",
        "Economics", "History", "Reporter",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Schemas"], swiftSettings: isa),

    .target(
      name: "TestSupport",
      dependencies: [
        "Basics", "Graphs", "Harness", "Kernels", "Tensors",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      path: "Tests/TestSupport",
      swiftSettings: optimised),
    .testTarget(name: "BasicsTests", dependencies: ["Basics"], swiftSettings: isa),
    .testTarget(
      name: "KernelsTests", dependencies: ["Basics", "Kernels", "TestSupport"],
      swiftSettings: optimised),
    .testTarget(name: "PackageTests"),
    .testTarget(name: "RanksTests", dependencies: ["Basics", "Ranks"], swiftSettings: isa),
    .testTarget(
      name: "GraphsTests", dependencies: ["Basics", "Graphs", "TestSupport"],
      swiftSettings: optimised),
    .testTarget(
      name: "FormatsTests", dependencies: ["Basics", "Formats", "Models", "TestSupport"],
      swiftSettings: optimised),
    .testTarget(
      name: "ModelsTests", dependencies: ["Basics", "Formats", "Graphs", "Models"],
      swiftSettings: optimised),
    .testTarget(
      name: "InterchangeTests",
      dependencies: [
        "Basics", "Formats", "Graphs", "Interchange", "Kernels", "Models", "ONNXSchema", "Programs",
        "Tensors", "TestSupport",
      ],
      swiftSettings: optimised),
    .testTarget(
      name: "ProgramsTests",
      dependencies: [
        "Basics", "Formats", "Harness", "Models", "Programs", "Ranks", "Workloads", "TestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: optimised),
    .testTarget(
      name: "TrainingTests",
      dependencies: ["Basics", "Formats", "Models", "Training", "TestSupport"],
      swiftSettings: optimised),
    .testTarget(
      name: "HarnessTests", dependencies: ["Basics", "Harness", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: isa),
    .testTarget(
      name: "HistoryTests", dependencies: ["Basics", "History", "Harness", "TestSupport"],
      swiftSettings: isa),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .testTarget(
      name: "WorkloadsTests",
      dependencies: [
        "Basics", "CAllocations", "Formats", "Interchange", "Models", "Workloads", "TestSupport",
      ],
      swiftSettings: optimised),
    .testTarget(
      name: "EconomicsTests",
      dependencies: ["Basics", "Economics", "Graphs", "Models", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: isa),
    .testTarget(
      name: "ReporterTests", dependencies: ["Basics", "Reporter", "TestSupport"],
      resources: [.copy("Golden")], swiftSettings: isa),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Basics", "costcurve", "Formats", "Harness", "History", "Interchange", "Models", "Training",
        "TestSupport",
      ],
      swiftSettings: isa),
  ]
)

// Only 'make docs' needs the plugin; nobody who builds or tests has to fetch it.
if ProcessInfo.processInfo.environment["COSTCURVE_DOCS"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"))
}
