/// Placeholder so that the package builds; the module's owner replaces this file.
