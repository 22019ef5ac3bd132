extension String {
  /// The string without what could drive a terminal or turn the direction of writing.
  var harmless: String {
    guard unicodeScalars.contains(where: { !$0.isHarmless }) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      result.unicodeScalars.append(
        scalar.isHarmless ? scalar : scalar == "\n" || scalar == "\t" ? " " : "\u{FFFD}")
    }
    return result
  }

  /// Columns that the string takes on a terminal.
  var columns: Int {
    reduce(0) { sum, character in
      guard let scalar = character.unicodeScalars.first else { return sum }
      switch scalar.value {
      case 0x0300...0x036F, 0x200B...0x200F: return sum
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0x1F300...0x1FAFF:
        return sum + 2
      default: return sum + 1
      }
    }
  }

  /// The string filled with blanks, or cut with an ellipsis, to `width` columns.
  func padded(to width: Int, onTheLeft: Bool = false) -> String {
    let used = columns
    if used > width {
      var cut = ""
      for character in self {
        if (cut + String(character)).columns > width - 1 { break }
        cut.append(character)
      }
      return (cut + "…").padded(to: width, onTheLeft: onTheLeft)
    }
    let blanks = String(repeating: " ", count: width - used)
    return onTheLeft ? blanks + self : self + blanks
  }

  /// The string, cut with an ellipsis where it takes more than `width` columns.
  func fitted(to width: Int) -> String { columns > width ? padded(to: width) : self }

  /// The string without blanks at its end.
  var trimmedRight: String {
    var result = self[...]
    while result.last == " " { result.removeLast() }
    return String(result)
  }

  /// The string in lines of at most `width` columns, broken between words, or within one that is
  /// longer than a line.
  func wrapped(to width: Int, indent: Int = 0, hanging: Int = 0) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    let next = String(repeating: " ", count: indent + hanging)
    var isEmpty = true
    for word in split(separator: " ") {
      var word = String(word)
      if !isEmpty, line.columns + 1 + word.columns > width {
        lines.append(line)
        (line, isEmpty) = (next, true)
      }
      while word.columns > width - line.columns {
        let room = max(width - line.columns, 1)
        var head = ""
        while let character = word.first, (head + String(character)).columns <= room {
          head.append(character)
          word.removeFirst()
        }
        if head.isEmpty { break }
        // An id is broken after one of its slashes, where that leaves a fair part before it.
        if let slash = head.lastIndex(of: "/"), !word.isEmpty,
          head.distance(from: head.startIndex, to: slash) > room / 3
        {
          word = String(head[head.index(after: slash)...]) + word
          head = String(head[...slash])
        }
        lines.append(line + head)
        line = next
      }
      line += isEmpty ? word : " " + word
      isEmpty = false
    }
    return isEmpty && lines.isEmpty ? [] : lines + [line]
  }
}
