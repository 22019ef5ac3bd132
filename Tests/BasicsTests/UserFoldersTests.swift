import Basics

import Testing

@Suite struct UserFoldersTests {
  @Test func followsTheVariablesUnlessTheyAreRelative() {
    let data = { UserFolders.data(environment: $0) }
    #expect(data(["XDG_DATA_HOME": "/x", "HOME": "/h"]) == "/x/costcurve")
    #expect(data(["XDG_DATA_HOME": "x", "HOME": "/h"]) == "/h/.local/share/costcurve")
    #expect(data(["HOME": "/h"]) == "/h/.local/share/costcurve")
    #expect(UserFolders.cache(environment: ["HOME": "/h"]) == "/h/.cache/costcurve")
  }
}
