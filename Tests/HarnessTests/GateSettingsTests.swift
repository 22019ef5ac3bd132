import Basics
import Harness
import Testing

@Suite struct GateSettingsTests {
  @Test func readsEverySetting() throws {
    let settings = try GateSettings(
      text: """
        # The gate of this repository.
        version = 1
        [check]
        margin = "2.5%"   # of everything
        processes = 12
        pairs = 20
        fail_on = ["unstable", "improvement"]

        [[case]]
        match = '^infer/'
        margin = "4%"

        [[case]]
        match = "^infer/.*/b1/"
        margin = "6%"
        """)
    #expect(settings.processes == 12 && settings.pairs == 20)
    #expect(settings.failOn == [.unstable, .improvement])
    #expect(settings.margin(of: "gemm/256x256x256/t1/native") == 0.025)
    #expect(settings.margin(of: "infer/resnet50/b16/t2/native") == 0.04)
    #expect(settings.margin(of: "infer/resnet50/b1/t2/native") == 0.06)
  }

  @Test(arguments: [
    ("", "line 1: the file must begin with 'version = 1'"),
    ("version = 2", "line 1: the file must begin with 'version = 1'"),
    ("version = 1\n[check]\nmargn = \"2%\"", "line 3: there is no setting 'margn'"),
    ("version = 1\n[chek]", "line 2: there is no table 'chek'"),
    ("version = 1\n[check]\nmargin = 2", "line 3: a margin is a text"),
    ("version = 1\n[check]\nmargin = \"0%\"", "line 3: a margin is a text"),
    ("version = 1\n[check]\nprocesses = 1", "line 3: processes is a whole number from 2"),
    ("version = 1\n[check]\npairs = 2.5", "line 3: pairs is a whole number from 2"),
    ("version = 1\n[check]\nfail_on = [\"sometimes\"]", "line 3: fail_on knows"),
    ("version = 1\n[[case]]\nmargin = \"2%\"", "line 2: [[case]] needs match"),
    ("version = 1\n[[case]]\nmatch = '('\nmargin = \"2%\"", "line 2: [[case]] needs match"),
    ("version = 1\n[[case]]\nmatch = 'x'", "line 2: [[case]] needs margin"),
    ("version = 1\nversion = 1", "line 2: 'version' is there twice"),
    ("version = 1\n[check]\n[check]", "line 3: the table [check] is there twice"),
    ("version = 1 2", "line 1: '2' is more than belongs"),
    ("version = one", "line 1: 'one' is not a value"),
    ("version = \"1", "line 1: a text without its closing"),
    ("version", "line 1: expected '='"),
  ])
  func refusesByLine(text: String, beginning: String) {
    let error = #expect(throws: Problem.self) { try GateSettings(text: text) }
    #expect(error?.description.hasPrefix(beginning) == true, "\(String(describing: error))")
  }
}
