/// A document on one screen of a terminal: the answer first, then what has room, and where the rest
/// is.
///
/// `TerminalReport` lays out all of it; this is what a command prints unless asked for that.
package struct ScreenReport: Sendable {
  /// Lines that an answer has at most.
  package static let lines = 40
  let terminal: TerminalReport

  package init(width: Int = 100, usesColor: Bool = false) {
    terminal = TerminalReport(width: width, usesColor: usesColor)
  }

  /// A document's parts in their order, as far as there is room.
  ///
  /// - Parameters:
  ///   - document: What belongs on the screen; where all of another has room, that is shown.
  ///   - whole: All that there is to say, where that is more.
  ///   - rest: Where all of it is, each sentence on a line of its own; unsaid where all is here.
  /// - Returns: At most `lines` lines.
  package func text(_ document: Document, of whole: Document? = nil, rest: String) -> String {
    let all = terminal.text(whole ?? document)
    if all.count(where: \.isNewline) <= Self.lines { return all }
    let foot = self.foot(rest)
    let room = Self.lines - foot.count - 1
    var lines = head(of: document)
    for section in document.sections where section.isBrief {
      lines += self.lines(of: section, room: room - lines.count)
    }
    return (lines.prefix(room) + [""] + foot).joined(separator: "\n") + "\n"
  }

  /// Where the rest is, a sentence a line, so that commands are not broken.
  func foot(_ rest: String) -> [String] {
    capped(rest.split(separator: "\n").flatMap { terminal.wrapped(String($0)) }, at: 8)
  }

  /// What casts doubt on all of it, the title and where it comes from.
  private func head(of document: Document) -> [String] {
    var lines: [String] = []
    if let notice = document.notice { lines += self.lines(of: notice) + [""] }
    lines.append(terminal.style(document.title.clipped(to: terminal.width), .bold))
    return lines
      + capped(terminal.wrapped(document.subtitle), at: 2).map { terminal.style($0, .dim) }
  }

  /// Why the figures are doubtful, and the first thing to do about it.
  private func lines(of notice: Document.Notice) -> [String] {
    let doubts = capped(terminal.wrapped("! " + notice.text, hanging: 2), at: 8)
    let remedy = notice.remedies.first.map { terminal.wrapped("→ " + $0, indent: 2, hanging: 2) }
    return doubts.map { terminal.style($0, .bad) }
      + capped(remedy ?? [], at: 2).map { terminal.style($0, .dim) }
  }

  /// A section as far as it fits; nothing where none of its blocks does.
  private func lines(of section: Document.Section, room: Int) -> [String] {
    let isAnswer = section.id == "answer"
    let lead = capped(terminal.wrapped(section.lead), at: 5)
    let heading =
      isAnswer
      ? lead.map { terminal.style($0, .accent) }
      : [terminal.style(section.title.clipped(to: terminal.width), .bold)]
        + lead.map { terminal.style($0, .dim) }
    var lines = [""] + heading
    guard lines.count <= room else { return [] }
    let empty = lines.count
    for block in section.blocks {
      let body = fitted(block, room: room - lines.count - 1)
      if !body.isEmpty { lines += [""] + body }
    }
    return isAnswer || lines.count > empty ? lines : []
  }

  private func fitted(_ block: Document.Block, room: Int) -> [String] {
    switch block {
    case .facts(let facts): return whole(facts.map { terminal.text($0) }, room: room)
    case .doubts(let doubts): return whole(doubts.map { terminal.text($0) }, room: room)
    case .table(let table): return fitted(table, room: room)
    case .paragraph(let text): return room > 0 ? capped(terminal.wrapped(text), at: room) : []
    default:
      let all = terminal.text(block)
      return all.count <= room ? all : []
    }
  }

  /// The first of some parts, each whole.
  private func whole(_ parts: [[String]], room: Int) -> [String] {
    var lines: [String] = []
    for part in parts {
      guard lines.count + part.count <= room else { break }
      lines += part
    }
    return lines
  }

  /// The first rows of a table that fit, and how many there are besides; nothing where none fits.
  private func fitted(_ table: DataTable, room: Int) -> [String] {
    let all = terminal.text(.table(table))
    if all.count <= room { return all }
    for count in stride(from: min(table.rows.count - 1, max(room, 0)), to: 0, by: -1) {
      var part = table
      part.rows = Array(table.rows.prefix(count))
      let lines =
        terminal.text(.table(part))
        + [terminal.style("  … and \(table.rows.count - count) more", .dim)]
      if lines.count <= room { return lines }
    }
    return []
  }

  /// The first lines, with a mark where some are left out.
  func capped(_ lines: [String], at count: Int) -> [String] {
    guard lines.count > count else { return lines }
    return lines.prefix(max(count, 0)).enumerated().map { index, line in
      index == count - 1 ? line.padded(to: min(line.columns, terminal.width - 2)) + " …" : line
    }
  }
}
