#ifndef PAGE_H
#define PAGE_H

/// The text of `page.css`, which lives as long as the process.
const char *page_style(void);

/// The text of `page.js`, which lives as long as the process.
const char *page_script(void);

#endif
