import History
import Testing

@Suite struct DataDirectoryTests {
  @Test func followsTheVariablesUnlessTheyAreRelative() {
    let data = { DataDirectory.data(environment: $0) }
    #expect(data(["XDG_DATA_HOME": "/x", "HOME": "/h"]) == "/x/costcurve")
    #expect(data(["XDG_DATA_HOME": "x", "HOME": "/h"]) == "/h/.local/share/costcurve")
    #expect(data(["HOME": "/h"]) == "/h/.local/share/costcurve")
    #expect(DataDirectory.cache(environment: ["HOME": "/h"]) == "/h/.cache/costcurve")
  }
}
