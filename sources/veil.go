package sources

// Veil encrypts the ID of a record, whatever its key is made of: who may not read the record's values must not read them in
// its ID. About names what the ID is for; it opens for nothing else.
func (s *Set) Veil(about, id string) string {
	if id == "" {
		return ""
	}
	return s.ids.veil("veiled\x00"+about, id)
}

// Unveil returns the ID that Veil encrypted about the same thing, and whether it did.
func (s *Set) Unveil(about, veiled string) (string, bool) {
	if veiled == "" {
		return "", true
	}
	return s.ids.unveil("veiled\x00"+about, veiled)
}
