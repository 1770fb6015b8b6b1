package main

// usageError says that the command was called wrongly; main ends with exit code 2 on it. Its message is one line and
// says what to write instead.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }
