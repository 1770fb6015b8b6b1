package workflow

import (
	"encoding/json"
	"fmt"
)

// asJSON is how a row keeps what has no table of its own.
func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write down a %T: %w", v, err)
	}
	return string(b), nil
}

// fromJSON reads what a row keeps. A row that keeps nothing where it must is an error: what there was to erase and is not known
// any more is not nothing.
func fromJSON[T any](text string) (out T, err error) {
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return out, fmt.Errorf("read a %T: %w", out, err)
	}
	return out, nil
}

// fromOptionalJSON reads what a row may keep: the zero value where it keeps nothing.
func fromOptionalJSON[T any](text string) (out T, err error) {
	if text == "" {
		return out, nil
	}
	return fromJSON[T](text)
}
