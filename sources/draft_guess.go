package sources

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// guesses are what names of columns mostly hold, in English, Chinese and pinyin. The first that fits counts, so that
// what is narrower stands before what it is part of. A word of five letters or more may stand anywhere in a name, as
// Chinese may; a shorter one is a word of its own.
var guesses = []struct{ category, words string }{
	{"user.authorization.password", "password passwd pwd passcode mima 密码 口令"},
	{"user.authorization.credentials", "token apikey api_key otp totp secret lingpai 令牌"},
	{"user.government_id.national_identification_number", "ssn nino cpf dni aadhaar personnummer id_card idcard id_number identity_card identity_no national_id citizen_id shenfenzheng sfz sfzh zhengjianhao 身份证 证件号"},
	{"user.government_id.passport_number", "passport huzhao 护照"},
	{"user.government_id.drivers_license_number", "driver_license drivers_license driving_licence driving_license jiashizheng jiazhao 驾驶证 驾照"},
	{"user.government_id.vehicle_registration", "license_plate licence_plate plate_no chepai 车牌"},
	{"user.financial.credit_card", "credit_card creditcard card_number cardnumber cc_number cvv xinyongka 信用卡"},
	{"user.financial.bank_account", "iban bank_account bankaccount account_number bank_card yinhangka yinhangzhanghao 银行卡 银行账 银行帐 开户"},
	{"user.contact.email", "email e_mail mail youxiang dianziyoujian 邮箱 电子邮件 邮件地址"},
	{"user.contact.fax_number", "fax chuanzhen 传真"},
	{"user.contact.phone_number", "phone mobile telephone tel cell cellphone msisdn whatsapp shouji shoujihao dianhua lianxifangshi 手机 电话 联系方式"},
	{"user.device.ip_address", "ip ipaddress ip_address ipaddr remote_addr"},
	{"user.device.cookie_id", "cookie"},
	{"user.device.device_id", "device device_id imei idfa udid mac_address shebei shebeihao 设备"},
	{"user.device", "user_agent useragent"},
	{"user.demographic.date_of_birth", "dob birth birthday birthdate shengri chusheng chushengriqi 生日 出生"},
	{"user.demographic.age_range", "age nianling 年龄"},
	{"user.demographic.gender", "gender sex xingbie 性别"},
	{"user.demographic.race_ethnicity", "ethnicity race minzu 民族"},
	{"user.demographic.religious_belief", "religion zongjiao 宗教"},
	{"user.demographic.political_opinion", "political zhengzhimianmao 政治面貌"},
	{"user.demographic.marital_status", "marital hunyin 婚姻"},
	{"user.demographic.citizenship_or_immigration_status", "nationality citizenship guoji 国籍"},
	{"user.demographic.language", "language locale lang yuyan 语言"},
	{"user.biometric", "fingerprint face_id faceid biometric zhiwen renlian 指纹 人脸"},
	{"user.health", "diagnosis blood_type allergy allergies medical health xuexing bingli jibing guomin 血型 病历 疾病 健康 过敏"},
	{"user.location.precise", "latitude longitude lat lng lon gps geo jingdu weidu 经度 纬度"},
	{"user.financial", "salary income wage gongzi xinzi shouru 工资 薪资 薪酬 收入"},
	{"user.account.username", "username user_name login nickname nick handle openid unionid wechat weixin qq yonghuming nicheng 用户名 昵称 微信"},
	{"user.name.first", "first_name firstname given_name givenname forename fname"},
	{"user.name.last", "last_name lastname surname family_name lname xingshi 姓氏"},
	{"user.job_title", "job job_title jobtitle position zhiwei zhiye zhiwu 职位 职务 职业"},
	{"user.contact.organization", "company organization organisation employer gongsi danwei 公司 单位"},
	{"user.contact.address.street", "street jiedao 街道"},
	{"user.contact.address.postal_code", "zip zipcode postcode postal_code postalcode youbian youzhengbianma 邮编 邮政编码"},
	{"user.contact.address.city", "city chengshi 城市"},
	{"user.contact.address.state", "province shengfen 省份"},
	{"user.contact.address.country", "country guojia 国家"},
	{"user.contact.address", "address addr dizhi zhuzhi 地址 住址"},
	{"user.content.self_image", "photo avatar picture portrait touxiang zhaopian 头像 照片"},
	{"user.name", "full_name fullname customer_name contact_name contact_person client_name member_name real_name recipient consignee xingming 姓名 收货人 联系人"},
	{"user.unique_id", "customer_no customer_number customer_code member_no member_number client_no kehubianhao kehuhao huiyuanhao 客户编号 客户号 会员号 会员编号"},
	{"user.content", "comment comments message remark remarks note notes feedback beizhu liuyan 备注 留言 评论"},
}

// guess returns the category that the name of a column suggests, or "". A bare name is a person's only in a list of people.
func guess(name string, people bool) string {
	words := wordsOf(name)
	for _, g := range guesses {
		if slices.ContainsFunc(strings.Fields(g.words), func(w string) bool { return suggests(words, w) }) {
			return g.category
		}
	}
	if last := words[max(len(words)-1, 0):]; people && slices.ContainsFunc([]string{"name", "mingzi", "名字", "名称"}, func(w string) bool { return suggests(last, w) }) {
		return "user.name"
	}
	return ""
}

// suggests reports whether words, as they are in a name, hold the word, or a phrase of several.
func suggests(words []string, phrase string) bool {
	joined := "_" + strings.Join(words, "_") + "_"
	if strings.Contains(joined, "_"+phrase+"_") {
		return true
	}
	return (len(phrase) > 4 && !strings.Contains(phrase, "_") || phrase[0] > unicode.MaxASCII) && strings.Contains(strings.Join(words, ""), phrase)
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])`)

// wordsOf splits a name as programmers write them: customerEMail, customer_email, CUSTOMER-EMAIL.
func wordsOf(name string) []string {
	return strings.FieldsFunc(strings.ToLower(humps.ReplaceAllString(name, "${1}${3}_${2}${4}")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// lists are names of tables that have a row a person, without the plural.
var lists = strings.Fields(`customer user member contact account person people client patient employee staff subscriber lead profile guest student
	kehu yonghu huiyuan yuangong lianxiren huanzhe 客户 顾客 用户 会员 员工 联系人 患者 学生`)

// listsPeople reports whether the name of a table is that of a list of people.
func listsPeople(name string) bool {
	words := wordsOf(name)
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	for _, end := range []string{"信息表", "资料表", "信息", "资料", "表", "s"} {
		if cut, ok := strings.CutSuffix(last, end); ok && cut != "" && !slices.Contains(lists, last) {
			last = cut
			break
		}
	}
	return slices.Contains(lists, last)
}

// others are words of columns that name somebody else in a person's record: who sold, who invited, who changed it.
var others = strings.Fields(`rep agent manager boss supervisor owner assignee assigned creator created updated modified deleted operator handler approver approved
	referrer referred inviter invited introducer parent sponsor salesperson seller xiaoshou jingli caozuoren chuangjianren xiugairen tuijianren fuzeren
	销售 经理 操作人 创建人 修改人 推荐人 负责人 审批人`)

// namesAnother reports whether the name of a column that refers to a list of people is of somebody else.
func namesAnother(name string) bool {
	words := wordsOf(name)
	return slices.ContainsFunc(others, func(w string) bool {
		return slices.Contains(words, w) || w[0] > unicode.MaxASCII && strings.Contains(name, w)
	})
}
