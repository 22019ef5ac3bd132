/// How often the label was the best guess, and how often it was among the best five.
package struct Accuracy: Hashable, Sendable {
  package private(set) var images = 0
  /// Images whose label has the largest logit.
  package private(set) var top1 = 0
  /// Images whose label is among the five largest logits.
  package private(set) var top5 = 0

  package init() {}

  /// Adds up what several have counted.
  package init(sumOf counts: [[Int]]) {
    for one in counts {
      images += one[0]
      top1 += one[1]
      top5 += one[2]
    }
  }

  /// `images`, `top1` and `top5`, for who adds them up.
  package var counts: [Int] { [images, top1, top5] }

  /// Counts some images.
  ///
  /// Of equal logits the lower class ranks first; a NaN ranks before everything.
  ///
  /// - Parameters:
  ///   - logits: `labels.count × classes`.
  ///   - labels: Class numbers.
  package mutating func count(_ logits: some Collection<Float>, _ labels: some Collection<Int32>) {
    guard !labels.isEmpty else { return }
    let classes = logits.count / labels.count
    var row = logits.startIndex
    for label in labels {
      let end = logits.index(row, offsetBy: classes)
      let own = logits[logits.index(row, offsetBy: Int(label))]
      var rank = 0
      for (index, value) in logits[row..<end].enumerated() where index != Int(label) {
        if !(value <= own) || (value == own && index < Int(label)) { rank += 1 }
      }
      images += 1
      top1 += rank == 0 ? 1 : 0
      top5 += rank < 5 ? 1 : 0
      row = end
    }
  }

  /// Share of images whose label was the best guess, 0 to 1.
  package var top1Share: Double { images == 0 ? 0 : Double(top1) / Double(images) }
  /// Share of images whose label was among the best five, 0 to 1.
  package var top5Share: Double { images == 0 ? 0 : Double(top5) / Double(images) }
}
