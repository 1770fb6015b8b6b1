package sheet

import (
	"maps"
	"slices"
)

// Preset names the columns that a system exports its customers with.
type Preset struct {
	Name    string
	Of      string              // the system and the list in it
	Fields  map[string][]string // field of the data map → what the system calls its column
	Checked string              // how far the names could be compared with what the system itself says
}

// Columns leads from the name of a column to that of a field.
func (p Preset) Columns() map[string]string {
	out := map[string]string{}
	for field, names := range p.Fields {
		for _, name := range names {
			out[name] = field
		}
	}
	return out
}

// PresetNamed returns the preset of that name.
func PresetNamed(name string) (Preset, bool) {
	i := slices.IndexFunc(Presets, func(p Preset) bool { return p.Name == name })
	if i < 0 {
		return Preset{}, false
	}
	return Presets[i], true
}

// PresetNames lists the presets.
func PresetNames() []string {
	names := make([]string, len(Presets))
	for i, p := range Presets {
		names[i] = p.Name
	}
	return names
}

// with adds to the columns of one list those that another has, too.
func with(fields, more map[string][]string) map[string][]string {
	out := maps.Clone(fields)
	maps.Copy(out, more)
	return out
}

// Presets are those that habeas import knows. Of a name letters and digits count, not their case, blanks or signs, so that
// FirstName and "First Name" are one. Salesforce and 简道云 let their customers add columns: those are named with --map.
var Presets = []Preset{
	{
		// API names: Salesforce Object Reference, Contact (developer.salesforce.com, object_reference, sforce_api_objects_contact);
		// labels: Salesforce Help, "Field Mapping for Other Data Sources and Organization Import". The Chinese labels are those of
		// the interface in use and are not in a public list.
		Name: "salesforce-contact", Of: "Salesforce, Contact", Checked: "English names with the vendor's reference; Chinese labels not",
		Fields: map[string][]string{
			"id":                   {"Id", "Contact ID", "Record ID", "联系人编号", "联系人 ID"},
			"account_id":           {"AccountId", "Account ID", "客户编号", "客户 ID"},
			"account_name":         {"Account Name", "客户名", "客户名称"},
			"salutation":           {"Salutation", "称谓"},
			"first_name":           {"FirstName", "First Name", "名", "名字"},
			"last_name":            {"LastName", "Last Name", "姓", "姓氏"},
			"name":                 {"Name", "Full Name", "Contact Full Name", "姓名"},
			"email":                {"Email", "电子邮件"},
			"phone":                {"Phone", "Business Phone", "电话"},
			"mobile_phone":         {"MobilePhone", "Mobile", "Mobile Phone", "手机"},
			"home_phone":           {"HomePhone", "Home Phone", "住宅电话"},
			"other_phone":          {"OtherPhone", "Other Phone", "其他电话"},
			"fax":                  {"Fax", "Business Fax", "传真"},
			"title":                {"Title", "职务", "职位"},
			"department":           {"Department", "部门"},
			"birthdate":            {"Birthdate", "出生日期", "生日"},
			"mailing_street":       {"MailingStreet", "Mailing Street", "邮寄街道"},
			"mailing_city":         {"MailingCity", "Mailing City", "邮寄市/县", "邮寄城市"},
			"mailing_state":        {"MailingState", "Mailing State/Province", "邮寄省/自治区/直辖市"},
			"mailing_postal_code":  {"MailingPostalCode", "Mailing Zip/Postal Code", "邮寄邮政编码"},
			"mailing_country":      {"MailingCountry", "Mailing Country", "邮寄国家/地区"},
			"other_street":         {"OtherStreet", "Other Street"},
			"other_city":           {"OtherCity", "Other City"},
			"other_state":          {"OtherState", "Other State/Province"},
			"other_postal_code":    {"OtherPostalCode", "Other Zip/Postal Code"},
			"other_country":        {"OtherCountry", "Other Country"},
			"assistant_name":       {"AssistantName", "Assistant"},
			"assistant_phone":      {"AssistantPhone", "Asst. Phone"},
			"lead_source":          {"LeadSource", "Lead Source", "潜在客户来源"},
			"description":          {"Description", "Contact Description", "描述"},
			"owner_id":             {"OwnerId", "Contact Owner"},
			"email_opted_out":      {"HasOptedOutOfEmail", "Email Opt Out"},
			"do_not_call":          {"DoNotCall", "Do Not Call"},
			"created_date":         {"CreatedDate", "Created Date"},
			"last_modified_date":   {"LastModifiedDate", "Last Modified Date"},
			"email_bounced_date":   {"EmailBouncedDate"},
			"email_bounced_reason": {"EmailBouncedReason"},
		},
	},
	{
		// Salesforce Object Reference, Account; with person accounts the fields of the person begin with Person.
		Name: "salesforce-account", Of: "Salesforce, Account (person accounts, too)", Checked: "English names with the vendor's reference; Chinese labels not",
		Fields: map[string][]string{
			"id":                   {"Id", "Account ID", "Record ID", "客户编号", "客户 ID"},
			"name":                 {"Name", "Account Name", "客户名", "客户名称"},
			"account_number":       {"AccountNumber", "Account Number", "客户号码"},
			"first_name":           {"FirstName", "First Name", "名"},
			"last_name":            {"LastName", "Last Name", "姓"},
			"email":                {"PersonEmail", "Person Account: Email", "电子邮件"},
			"mobile_phone":         {"PersonMobilePhone", "Person Account: Mobile", "手机"},
			"birthdate":            {"PersonBirthdate", "Person Account: Birthdate", "出生日期"},
			"phone":                {"Phone", "Account Phone", "电话"},
			"fax":                  {"Fax", "Account Fax", "传真"},
			"website":              {"Website", "网站"},
			"industry":             {"Industry", "行业"},
			"type":                 {"Type", "Account Type", "类型"},
			"billing_street":       {"BillingStreet", "Billing Street", "开单街道"},
			"billing_city":         {"BillingCity", "Billing City", "开单城市"},
			"billing_state":        {"BillingState", "Billing State/Province"},
			"billing_postal_code":  {"BillingPostalCode", "Billing Zip/Postal Code"},
			"billing_country":      {"BillingCountry", "Billing Country"},
			"shipping_street":      {"ShippingStreet", "Shipping Street"},
			"shipping_city":        {"ShippingCity", "Shipping City"},
			"shipping_state":       {"ShippingState", "Shipping State/Province"},
			"shipping_postal_code": {"ShippingPostalCode", "Shipping Zip/Postal Code"},
			"shipping_country":     {"ShippingCountry", "Shipping Country"},
			"description":          {"Description", "Account Description", "描述"},
			"owner_id":             {"OwnerId", "Account Owner"},
			"created_date":         {"CreatedDate", "Created Date"},
			"last_modified_date":   {"LastModifiedDate", "Last Modified Date"},
		},
	},
	{
		// English: Zoho CRM, fields of the Contacts module (as listed by the CData driver for Zoho CRM), the ID by Zoho's help,
		// "When should you map the Contact ID"; Chinese: zoho.com.cn/crm/help/outlook/usage-in-mac.html, the mapping of contacts.
		Name: "zoho-contact", Of: "Zoho CRM, Contacts", Checked: "English names with a driver's reference, Chinese ones with the vendor's help as far as it lists them (not the ID, e-mail and dates)",
		Fields: map[string][]string{
			"id":               {"Record Id", "Contact ID", "Contact Id", "记录 Id", "联系人 ID"},
			"owner":            {"Contact Owner", "联系人所有者"},
			"first_name":       {"First Name", "名"},
			"last_name":        {"Last Name", "姓"},
			"name":             {"Full Name", "Contact Name", "联系人姓名"},
			"account_name":     {"Account Name", "账户名称"},
			"email":            {"Email", "邮箱", "电子邮件"},
			"secondary_email":  {"Secondary Email", "备用邮箱"},
			"phone":            {"Phone", "电话"},
			"mobile":           {"Mobile", "手机"},
			"home_phone":       {"Home Phone", "家庭电话"},
			"other_phone":      {"Other Phone", "其它电话"},
			"assistant_phone":  {"Asst Phone", "助手电话"},
			"fax":              {"Fax", "传真"},
			"title":            {"Title", "职务"},
			"department":       {"Department", "部门"},
			"date_of_birth":    {"Date of Birth", "出生日期"},
			"lead_source":      {"Lead Source", "线索来源"},
			"mailing_street":   {"Mailing Street", "邮寄街道"},
			"mailing_city":     {"Mailing City", "邮寄城市"},
			"mailing_state":    {"Mailing State", "邮寄州"},
			"mailing_zip":      {"Mailing Zip", "邮寄邮编"},
			"mailing_country":  {"Mailing Country", "邮寄国家"},
			"other_street":     {"Other Street", "其它街道"},
			"other_city":       {"Other City", "其它城市"},
			"other_state":      {"Other State", "其它州"},
			"other_zip":        {"Other Zip", "其它邮编"},
			"other_country":    {"Other Country", "其它国家"},
			"skype_id":         {"Skype ID"},
			"twitter":          {"Twitter"},
			"email_opted_out":  {"Email Opt Out"},
			"description":      {"Description", "说明", "描述"},
			"created_time":     {"Created Time", "创建时间"},
			"modified_time":    {"Modified Time", "修改时间"},
			"last_activity_at": {"Last Activity Time"},
		},
	},
	{
		// 简道云 exports a form with the titles that its designer gave to the fields, so that only those that the system adds
		// itself are always the same. The others are usual titles of a list of customers; they are no list of the vendor's.
		Name: "jiandaoyun", Of: "简道云, 客户", Checked: "not: the names of a form are its designer's",
		Fields: map[string][]string{
			"id":           {"数据ID", "客户编号", "客户编码", "_id"},
			"name":         {"客户名称", "客户姓名", "姓名"},
			"contact_name": {"联系人", "联系人姓名"},
			"phone":        {"联系电话", "电话", "手机", "手机号", "手机号码"},
			"email":        {"邮箱", "电子邮箱", "联系邮箱"},
			"wechat":       {"微信", "微信号"},
			"address":      {"地址", "客户地址", "详细地址", "联系地址"},
			"level":        {"客户等级", "客户级别"},
			"source":       {"客户来源"},
			"industry":     {"所属行业", "行业", "客户行业"},
			"status":       {"客户状态"},
			"owner":        {"负责人", "销售负责人", "跟进人"},
			"note":         {"备注", "备注说明"},
			"creator":      {"提交人", "创建人"},
			"created_at":   {"提交时间", "创建时间"},
			"updated_at":   {"更新时间", "修改时间"},
		},
	},
	{
		// The archive of customers of U8 (table Customer): its columns, and the titles that programs working on it give them.
		Name: "yonyou-u8", Of: "用友 U8, 客户档案", Checked: "names of columns and most titles with programs that work on the table; not with the vendor's own export",
		Fields: with(yonyou, map[string][]string{
			"id":              {"客户编码", "客户编号", "cCusCode"},
			"name":            {"客户名称", "cCusName"},
			"short_name":      {"客户简称", "cCusAbbName"},
			"class_code":      {"所属分类码", "所属分类", "分类编码", "客户分类编码", "cCCCode"},
			"region_code":     {"所属地区码", "地区编码", "cDCCode"},
			"industry":        {"所属行业", "cTrade"},
			"tax_no":          {"纳税人登记号", "税号", "cCusRegCode"},
			"legal_person":    {"法人", "法人代表", "cCusLPerson"},
			"bank":            {"开户银行", "cCusBank"},
			"bank_account":    {"银行账号", "cCusAccount"},
			"salesperson":     {"专管业务员编码", "专营业务员", "分管人员", "cCusPPerson"},
			"address":         {"地址", "联系地址", "客户地址", "cCusAddress"},
			"postal_code":     {"邮政编码", "邮编", "cCusPostCode"},
			"delivery_to":     {"发货地址", "cCusOAddress"},
			"contact_name":    {"联系人", "cCusPerson"},
			"phone":           {"电话", "cCusPhone"},
			"mobile":          {"手机", "cCusHand"},
			"fax":             {"传真", "cCusFax"},
			"email":           {"Email地址", "Email", "电子邮件", "cCusEmail"},
			"developed_on":    {"发展日期", "dCusDevDate"},
			"deactivated_on":  {"停用日期", "dEndDate"},
			"note":            {"备注", "cMemo"},
			"credit_grade":    {"信用等级", "cCusCreGrade"},
			"customer_depart": {"分管部门", "分管部门编码", "cCusDepart"},
		}),
	},
	{
		// YonSuite names much as U8 does; its list of an export is not public.
		Name: "yonyou-yonsuite", Of: "用友 YonSuite, 客户档案", Checked: "not: the export's own list is not public",
		Fields: with(yonyou, map[string][]string{
			"id":           {"客户编码", "编码", "code"},
			"name":         {"客户名称", "名称", "name"},
			"short_name":   {"客户简称", "简称", "shortname"},
			"class_name":   {"客户分类", "客户分类名称"},
			"class_code":   {"客户分类编码"},
			"contact_name": {"联系人", "联系人姓名", "主联系人"},
			"mobile":       {"手机", "手机号", "联系人手机", "联系人手机号"},
			"phone":        {"电话", "联系电话", "固定电话"},
			"email":        {"邮箱", "电子邮箱", "联系人邮箱"},
			"address":      {"地址", "详细地址", "联系地址"},
			"postal_code":  {"邮编", "邮政编码"},
			"tax_no":       {"纳税人识别号", "统一社会信用代码"},
			"legal_person": {"法人", "法定代表人"},
			"fax":          {"传真"},
			"note":         {"备注"},
		}),
	},
	{
		// 金蝶云星辰 open platform, 客户详情 (api.kingdee.com/jdy/v2/bd/customer_detail): names of its fields, and what it calls
		// them. The titles of the export from its list are taken to be the same; they are not in a public list.
		Name: "kingdee-xingchen", Of: "金蝶云星辰, 客户", Checked: "names of fields and what they are called with the vendor's interface; not with an export",
		Fields: map[string][]string{
			"id":              {"客户编码", "编码", "number"},
			"name":            {"客户名称", "名称", "name"},
			"class_name":      {"客户类别", "客户分类", "类别名称", "group_name"},
			"class_code":      {"类别编码", "group_number"},
			"contact_name":    {"联系人", "联系人名称", "contact_person"},
			"mobile":          {"手机", "手机号", "mobile"},
			"phone":           {"座机", "电话", "phone"},
			"email":           {"邮箱", "电子邮箱", "email"},
			"birthday":        {"生日", "birthday"},
			"wechat":          {"微信", "wechat"},
			"qq":              {"QQ", "qq"},
			"country":         {"国家", "国家名称", "country_name"},
			"province":        {"省", "省名称", "province_name"},
			"city":            {"市", "市名称", "city_name"},
			"district":        {"区", "区名称", "district_name"},
			"address":         {"详细地址", "地址", "addr"},
			"contact_address": {"联系地址", "contact_address"},
			"tax_no":          {"开票税号", "纳税人识别号", "taxpayer_no"},
			"invoice_name":    {"开票名称", "invoice_name"},
			"invoice_email":   {"收票邮箱", "invoice_email"},
			"invoice_phone":   {"收票手机号", "invoice_phone"},
			"bank":            {"开户银行", "bank"},
			"bank_account":    {"银行账号", "bank_account"},
			"bank_address":    {"开户地址", "account_open_addr"},
			"salesperson":     {"业务员", "业务员名称", "saler_name"},
			"department":      {"部门", "部门名称", "sale_dept_name"},
			"price_level":     {"价格等级", "价格等级名称", "c_level_name"},
			"credit_limit":    {"信用额度", "credit_limit"},
			"note":            {"备注", "remark"},
			"created_at":      {"创建时间", "create_time"},
			"updated_at":      {"修改时间", "modify_time"},
		},
	},
}

// yonyou are the columns that both systems of 用友 have under one name.
var yonyou = map[string][]string{
	"website":        {"网址", "公司网址"},
	"custom_1":       {"自定义项1", "客户自定义项1"},
	"custom_2":       {"自定义项2", "客户自定义项2"},
	"custom_3":       {"自定义项3", "客户自定义项3"},
	"credit_limit":   {"信用额度"},
	"invoice_to":     {"开票单位"},
	"delivery_means": {"发运方式"},
}
