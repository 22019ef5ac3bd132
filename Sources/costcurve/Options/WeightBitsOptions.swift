import ArgumentParser
import Kernels

extension WeightBits: ExpressibleByArgument {}

/// How many bits the weights of int8 have.
struct WeightBitsOptions: ParsableArguments {
  @Option(
    name: .customLong("weight-bits"),
    help: """
      Bits of int8 weights, 7 or 8: unless given, 7 in a build for x86 without VNNI, which is \
      faster with them, and 8 elsewhere.
      """)
  var bits: WeightBits?
}
