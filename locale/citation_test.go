package locale

import "testing"

func TestACitationReadsAsItsReadersWriteIt(t *testing.T) {
	for _, row := range []struct{ lang, citation, want string }{
		{Chinese, "GB/T 35273-2020 8.7(a); Civil Code Art. 201, 203", "GB/T 35273-2020 8.7(a)；《民法典》第201条、第203条"},
		{Chinese, "PIPL Art. 46(2)", "《个人信息保护法》第46条第2款"},
		{Chinese, "PIPL Art. 45(1), 18(1), 35", "《个人信息保护法》第45条第1款、第18条第1款、第35条"},
		{Chinese, "PIPL Art. 44-50", "《个人信息保护法》第44条至第50条"},
		{Chinese, "GDPR Art. 12(3)", "GDPR Art. 12(3)"},
		{English, "PIPL Art. 46(2)", "PIPL Art. 46(2)"},
	} {
		if got := Citation(row.lang, row.citation); got != row.want {
			t.Errorf("%s in %s: %s, want %s", row.citation, row.lang, got, row.want)
		}
	}
}
