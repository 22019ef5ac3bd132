import Foundation
import Harness

/// A worker written in the shell, so that the client can be tried against every misbehaviour.
enum FakeWorker {
  /// A worker whose `run` answers with `samples`, and that behaves; its first `run` takes a while.
  ///
  /// Inference handles one `item` a call, an image unless given, or two as the two requests that a
  /// request asks for. It executes `flop` operations a call, which are also the direct ones unless
  /// `directFLOP` is given. Each `run` does `meanwhile` first, a piece of shell.
  static func steady(
    samples: String = "[1000.0,1010.0,1020.0]", correctness: String = "passed",
    checksum: String = "0xabc", flop: Double = 50_000, directFLOP: Double? = nil,
    firstRunSeconds: Double = 0, item: String? = nil, flags: String = "[]",
    meanwhile: String = ":"
  ) -> WorkerLaunch {
    let item = item.map { #""item":"\#($0)","# } ?? ""
    return script(
      """
      case "$word" in
        hello) echo '{"ok":true,"protocol":1,"worker":"fake","march":"none","libraries":[]}';;
        prepare) case "$rest" in peak/*) kind=peak;; infer/*) kind=infer;; *) kind=gemm;; esac
          id="${rest%% *}"; images=null; [ $kind = infer ] && images=1
          more=; case "$rest" in *requests=2*) images=2;; esac
          case "$rest" in infer/*) more=',"requests_in_flight":'$images;; esac
          echo '{"ok":true,"case":{\(item)"id":"'$id'","kind":"'$kind'","parameters":{"n":4}'$more','\\
      '"algorithm":"fake","threads":1,"flop":{"direct":\(directFLOP ?? flop),"executed":\(flop)},'\\
      '"images_per_call":'$images',"bytes_per_call":null}}';;
        checksum) echo '{"ok":true,"checksum":"\(checksum)"}';;
        check) echo '{"ok":true,"correctness":{"status":"\(correctness)","max_error":0.5}}';;
        run) [ -n "$warm" ] || sleep \(firstRunSeconds); warm=1; \(meanwhile)
          echo '{"ok":true,"samples_ns":\(samples),"flags":\(flags),"calls_per_sample":2,'\\
      '"warmup_ns":[5.0],"peak_memory_bytes":4096}';;
        quit) echo '{"ok":true}'; exit 0;;
        *) echo '{"ok":false,"error":"what?","code":1}';;
      esac
      """)
  }

  /// A worker that greets and then does `body` on any other line.
  static func misbehaving(_ body: String) -> WorkerLaunch {
    script(
      """
      case "$word" in
        hello) echo '{"ok":true,"protocol":1,"worker":"fake"}';;
        *) \(body);;
      esac
      """)
  }

  /// A worker whose lines are handled by a piece of shell with `$word` and `$rest` set.
  static func script(_ body: String) -> WorkerLaunch {
    let loop = "while read -r word rest; do\n\(body)\ndone"
    return WorkerLaunch(executable: "/bin/sh", arguments: ["-c", loop])
  }
}
