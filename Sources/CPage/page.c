// The style sheet and the script of the report's page as text of the binary: files of their own
// languages, which editors and checkers know. `#embed` is C23; Swift has nothing like it.

#include "page.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char style[] = {
#embed "page.css"
    , 0};
static const char script[] = {
#embed "page.js"
    , 0};

const char *page_style(void) { return style; }

const char *page_script(void) { return script; }
