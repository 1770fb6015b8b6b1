package sources

// Fates lists for the tests what erasure does, in the order in which it is done.
func (s *Set) Fates() []Fate {
	out := make([]Fate, len(s.plan.erasing))
	for i, c := range s.plan.erasing {
		out[i] = s.Fate(c)
	}
	return out
}
