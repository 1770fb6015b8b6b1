package locale

import (
	"regexp"
	"strings"
)

// Chinese laws by the short names that our citations use, as Chinese readers write them.
var laws = strings.NewReplacer(
	"PIPL", "《个人信息保护法》", "Civil Code", "《民法典》", "NDSMR", "《网络数据安全管理条例》", "CSL", "《网络安全法》",
)

var (
	chineseLaw = regexp.MustCompile(`(PIPL|Civil Code|NDSMR|CSL)( 2021)? Art\. (\d+(?:\(\d+\))*(?:-\d+)?(?:, \d+(?:\(\d+\))*(?:-\d+)?)*)`)
	article    = regexp.MustCompile(`(\d+)((?:\(\d+\))*)((?:-\d+)?)`)
	paragraph  = regexp.MustCompile(`\((\d+)\)`)
)

// Citation writes where a rule stands as a reader of lang looks it up: articles of Chinese law in Chinese for Chinese
// readers, "《民法典》第201条、第203条"; every other citation as the law's own readers write it.
func Citation(lang, citation string) string {
	if lang != Chinese {
		return citation
	}
	citation = chineseLaw.ReplaceAllStringFunc(citation, func(s string) string {
		m := chineseLaw.FindStringSubmatch(s)
		var list []string
		for _, a := range article.FindAllStringSubmatch(m[3], -1) {
			one := "第" + a[1] + "条" + paragraph.ReplaceAllString(a[2], "第${1}款")
			if a[3] != "" {
				one += "至第" + a[3][1:] + "条"
			}
			list = append(list, one)
		}
		return laws.Replace(m[1]) + strings.Join(list, "、")
	})
	return strings.ReplaceAll(citation, "; ", "；")
}
