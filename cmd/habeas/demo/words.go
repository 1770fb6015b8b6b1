package demo

// What the shop sells, and what people in it say.

var products = []struct {
	sku, en, zh, line string
	price             float64
}{
	{"TEA-01", "Celadon teapot", "青瓷茶壶", "Tea", 64.00},
	{"TEA-02", "Two cups without handles", "无柄茶杯（一对）", "Tea", 28.50},
	{"TEA-03", "Bamboo tray", "竹制茶盘", "Tea", 39.90},
	{"TEA-04", "Jasmine pearls, 100 g", "茉莉龙珠 100 克", "Tea", 18.20},
	{"LGT-01", "Harbour lantern, brass", "黄铜港湾提灯", "Light", 119.00},
	{"LGT-02", "Paper shade, 45 cm", "纸灯罩 45 厘米", "Light", 24.00},
	{"LGT-03", "Reading lamp", "阅读灯", "Light", 86.00},
	{"LIN-01", "Linen bedding, sand", "沙色亚麻床品", "Linen", 142.00},
	{"LIN-02", "Tea towels, three", "茶巾（三条）", "Linen", 21.00},
	{"LIN-03", "Wool blanket of Lantern & Loom", "“灯与织”羊毛毯", "Linen", 98.00},
	{"KIT-01", "Carbon steel knife, 18 cm", "碳钢菜刀 18 厘米", "Kitchen", 74.00},
	{"KIT-02", "Chopping board, ash", "白蜡木砧板", "Kitchen", 42.00},
	{"KIT-03", "Enamel pan, blue", "蓝色珐琅锅", "Kitchen", 57.50},
	{"KIT-04", "Rice bowls, four", "饭碗（四只）", "Kitchen", 36.00},
	{"GAR-01", "Copper watering can", "铜制洒水壶", "Garden", 68.00},
	{"GAR-02", "Herb seeds, six kinds", "香草种子（六种）", "Garden", 14.90},
	{"GAR-03", "Folding bench", "折叠长凳", "Garden", 159.00},
	{"BTH-01", "Olive soap, two bars", "橄榄皂（两块）", "Bath", 11.80},
	{"BTH-02", "Waffle towel", "华夫格浴巾", "Bath", 32.00},
	{"PAP-01", "Notebook, thread-bound", "线装笔记本", "Paper", 16.50},
	{"PAP-02", "Calendar of tides", "潮汐日历", "Paper", 19.00},
	{"PAP-03", "Twelve cards with envelopes", "贺卡（十二张含信封）", "Paper", 13.40},
}

var (
	pages = []string{
		"/", "/tea", "/tea/celadon-teapot", "/light", "/light/harbour-lantern", "/linen", "/linen/wool-blanket", "/kitchen",
		"/kitchen/carbon-steel-knife", "/garden", "/garden/folding-bench", "/bath", "/paper/calendar-of-tides", "/basket", "/account",
		"/search?q=lamp", "/search?q=茶壶", "/help/returns",
	}
	devices  = []string{"Safari on iPhone", "Firefox on Linux", "Chrome on Android", "Edge on Windows", "Safari on a Mac", "微信内置浏览器"}
	couriers = []string{"Elbkurier", "Posten", "SF Express 顺丰", "Blue Barrow"}
	helpDesk = []string{"Noor Haddad", "Piet de Wit", "何雪"}
	gifts    = map[string][][2]string{
		"en": {
			{"For your new kitchen. May the kettle always be on.", "Nora Byrne"},
			{"Happy birthday, and come and see the garden soon.", "Samuel Price"},
			{"Thank you for looking after the cat.", "Ilse Brandt"},
		},
		"zh-CN": {
			{"乔迁之喜，愿新家灯火可亲。", "许文静"}, {"生日快乐，常来喝茶。", "高远"}, {"谢谢您照顾小猫。", "方老师"},
		},
	}
	returnReasons = map[string][]string{
		"en":    {"The glaze was lighter than in the picture", "Arrived with a chip in the rim", "Too large for our shelf after all"},
		"zh-CN": {"釉色比图片浅", "杯口有磕碰", "尺寸太大，家里放不下"},
	}
)

// talk is one conversation with the help desk: the customer first, then turn about.
type talk struct {
	channel, subject string
	lines            []string
}

var talks = map[string][]talk{
	"en": {
		{"email", "Lid of the teapot", []string{
			"Good morning, the lid of my celadon teapot arrived in two pieces. The pot itself is fine. Could I have just the lid?",
			"Of course, and we are sorry. A lid is on its way to you. There is no need to send the pieces back.",
			"It came today and fits. Thank you, that was kind and quick.",
		}},
		{"phone", "Invoice to the office", []string{
			"Please send invoices to my accountant from now on. I have put the address into my account.",
			"Done: from the next order on they go there. The old ones are in your account as files.",
		}},
		{"email", "Is the lantern safe outdoors?", []string{
			"We would like to hang the brass lantern on the balcony. Will it stand the rain?",
			"It will. The brass grows darker over a winter; a little lemon and salt brings the shine back.",
		}},
	},
	"zh-CN": {
		{"微信", "茶壶的盖子", []string{
			"您好，青瓷茶壶收到时壶盖裂成两半，壶身完好。可以只补寄一个壶盖吗？",
			"非常抱歉。新壶盖已为您寄出，破损的壶盖无需寄回。",
			"已经收到，非常合适，谢谢。",
		}},
		{"邮件", "开具发票", []string{
			"麻烦把去年的订单补开一张发票，抬头写我个人姓名即可。",
			"发票已开好，您可以在账户中下载。",
		}},
	},
}
