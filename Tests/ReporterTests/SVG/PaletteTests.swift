import Foundation
import Reporter
import Testing

/// Colours stay apart for colour-blind readers and stand out from the page.
@Suite struct PaletteTests {
  @Test func contrastWithTheBackground() {
    for colour in Palette.allCases {
      #expect(contrast(colour.light, Palette.lightBackground) >= 3)
      #expect(contrast(colour.dark, Palette.darkBackground) >= 3)
    }
  }

  /// The accent is also a colour of text.
  @Test func theAccentCanBeRead() {
    #expect(contrast(Palette.accent.light, Palette.lightBackground) >= 4.5)
    #expect(contrast(Palette.accent.dark, Palette.darkBackground) >= 4.5)
  }

  /// Simulation of dichromacy by Machado, Oliveira and Fernandes (2009), severity 1, in linear RGB;
  /// distance is CIE 1976 ΔE, of which about 2 is just seen.
  @Test(arguments: [
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [
      [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    [
      [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
      [-0.011820, 0.042940, 0.968881],
    ],
  ])
  func anyTwoStayApart(_ sight: [[Double]]) {
    for theme in [Palette.allCases.map(\.light), Palette.allCases.map(\.dark)] {
      for (index, one) in theme.enumerated() {
        for other in theme[(index + 1)...] {
          let (a, b) = (lab(seen(one, sight)), lab(seen(other, sight)))
          let distance = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
          #expect(distance >= 18, "\(one) and \(other)")
        }
      }
    }
  }

  private func linear(_ hex: String) -> [Double] {
    let number = Int(hex.dropFirst(), radix: 16) ?? 0
    return [number >> 16 & 255, number >> 8 & 255, number & 255].map {
      let value = Double($0) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
  }

  private func contrast(_ a: String, _ b: String) -> Double {
    let luminances = [a, b].map { hex in
      zip(linear(hex), [0.2126, 0.7152, 0.0722]).reduce(0) { $0 + $1.0 * $1.1 }
    }.sorted()
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)
  }

  private func seen(_ hex: String, _ sight: [[Double]]) -> [Double] {
    let colour = linear(hex)
    return sight.map { row in
      min(max(zip(row, colour).reduce(0) { $0 + $1.0 * $1.1 }, 0), 1)
    }
  }

  private func lab(_ c: [Double]) -> [Double] {
    func f(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116 }
    let x = f((0.4124 * c[0] + 0.3576 * c[1] + 0.1805 * c[2]) / 0.95047)
    let y = f(0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2])
    let z = f((0.0193 * c[0] + 0.1192 * c[1] + 0.9505 * c[2]) / 1.08883)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
  }
}
