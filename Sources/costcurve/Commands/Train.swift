import ArgumentParser
import Harness
import Ranks

/// `costcurve train`: one network's training step, exact steps on given arrays, or a real run on a
/// data set or a text; a timed step and a run on a data set also by the ranks of a job.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Time one network's training step; or train on your arrays, a data set or a text.",
    discussion: """
      Example: costcurve train --network resnet50 --batch-size 16 --threads 2 --quick

      Example: costcurve train --network resnet50 --weights w.safetensors --input x.npy \
      --labels l.npy --steps 4 --format json

      Example: costcurve train --dataset fashion-mnist --network resnet20 --epochs 6

      Example: costcurve train --text Sources --network gpt2-bytes --until-loss 1.5

      Example: costcurve train --network resnet50 --batch-size 16 --explain

      Example: costcurve train --network bert-base --sequence 128 --batch-size 8 --quick

      Example: costcurve train resnet50 --precision bf16 --batch-size 16 --quick

      Example: mpirun -np 2 costcurve train --ranks 2 --network resnet50 --batch-size 16
      """)

  @OptionGroup var word: NetworkWord
  @OptionGroup var network: NetworkOptions

  @Option(help: "Tokens of a sequence; the network's usual number unless given.")
  var sequence: Int?

  @Option(
    help: """
      What layers multiply: f32, or bf16 with sums, weights and updates in float32.
      """)
  var precision = StepPrecision.f32

  @OptionGroup var arrays: TrainArrays
  @OptionGroup var dataset: TrainDataset
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var ranks: RankOptions

  @Flag(help: "Show where a step's time goes, by layer and phase, and what limits it.")
  var explain = false

  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try (1...1 << 20).check("--sequence", sequence)
    try refuseContradictions()
  }

  func run() throws {
    guard let group = try ranks.join() else { return try run(ranked: nil, output) }
    JobProcesses.are(group.places.processes(beside: group.rank))
    let ranked = RankedRun(group: group)
    var output = output
    // Rank 0 speaks for all.
    if !ranked.speaks { output.quiet = true }
    ranked.run { try run(ranked: ranked, output) }
  }
}
