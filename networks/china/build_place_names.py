"""English names of counties, prefectures and provinces: pinyin without the noise, common
romanisation where sure.

The raw county file carries a toneless spelling ("Jingan", "Yanqihuizu"); it settles which of a
character's readings is meant, and the pinyin of the name without its class word (县, 区, 自治县
...) is written from it with the apostrophe of Jing'an. Mongol, Uyghur, Kazakh and Tibetan names
take their usual romanisation where it is known, else their pinyin. A class word is kept only where
the bare name would be one syllable (索县 "Suo County") or name two units of one prefecture (伊宁市
"Yining", 伊宁县 "Yining County").
"""

from __future__ import annotations

import re

from build_names import STEMS, syllables
from pypinyin import Style, pinyin

PROVINCES: dict[str, tuple[str, str]] = {
    "11": ("北京市", "Beijing"),
    "12": ("天津市", "Tianjin"),
    "13": ("河北省", "Hebei"),
    "14": ("山西省", "Shanxi"),
    "15": ("内蒙古自治区", "Inner Mongolia"),
    "21": ("辽宁省", "Liaoning"),
    "22": ("吉林省", "Jilin"),
    "23": ("黑龙江省", "Heilongjiang"),
    "31": ("上海市", "Shanghai"),
    "32": ("江苏省", "Jiangsu"),
    "33": ("浙江省", "Zhejiang"),
    "34": ("安徽省", "Anhui"),
    "35": ("福建省", "Fujian"),
    "36": ("江西省", "Jiangxi"),
    "37": ("山东省", "Shandong"),
    "41": ("河南省", "Henan"),
    "42": ("湖北省", "Hubei"),
    "43": ("湖南省", "Hunan"),
    "44": ("广东省", "Guangdong"),
    "45": ("广西壮族自治区", "Guangxi"),
    "46": ("海南省", "Hainan"),
    "50": ("重庆市", "Chongqing"),
    "51": ("四川省", "Sichuan"),
    "52": ("贵州省", "Guizhou"),
    "53": ("云南省", "Yunnan"),
    "54": ("西藏自治区", "Tibet"),
    "61": ("陕西省", "Shaanxi"),
    "62": ("甘肃省", "Gansu"),
    "63": ("青海省", "Qinghai"),
    "64": ("宁夏回族自治区", "Ningxia"),
    "65": ("新疆维吾尔自治区", "Xinjiang"),
}

#: names that are not their pinyin, or whose class word is part of the name
COMMON: dict[str, str] = {
    # prefectures
    "呼和浩特市": "Hohhot",
    "鄂尔多斯市": "Ordos",
    "呼伦贝尔市": "Hulunbuir",
    "巴彦淖尔市": "Bayannur",
    "乌兰察布市": "Ulanqab",
    "兴安盟": "Hinggan",
    "锡林郭勒盟": "Xilingol",
    "阿拉善盟": "Alxa",
    "哈尔滨市": "Harbin",
    "齐齐哈尔市": "Qiqihar",
    "延边朝鲜族自治州": "Yanbian",
    "乌鲁木齐市": "Urumqi",
    "克拉玛依市": "Karamay",
    "吐鲁番市": "Turpan",
    "哈密市": "Hami",
    "昌吉回族自治州": "Changji",
    "博尔塔拉蒙古自治州": "Bortala",
    "巴音郭楞蒙古自治州": "Bayingolin",
    "阿克苏地区": "Aksu",
    "克孜勒苏柯尔克孜自治州": "Kizilsu",
    "喀什地区": "Kashgar",
    "和田地区": "Hotan",
    "伊犁哈萨克自治州": "Ili",
    "塔城地区": "Tacheng",
    "阿勒泰地区": "Altay",
    "拉萨市": "Lhasa",
    "日喀则市": "Xigaze",
    "昌都市": "Qamdo",
    "林芝市": "Nyingchi",
    "山南市": "Shannan",
    "那曲市": "Nagqu",
    "阿里地区": "Ngari",
    "阿坝藏族羌族自治州": "Aba",
    "甘孜藏族自治州": "Garze",
    "凉山彝族自治州": "Liangshan",
    "甘南藏族自治州": "Gannan",
    "临夏回族自治州": "Linxia",
    "海西蒙古族藏族自治州": "Haixi",
    "玉树藏族自治州": "Yushu",
    "果洛藏族自治州": "Golog",
    "西双版纳傣族自治州": "Xishuangbanna",
    "德宏傣族景颇族自治州": "Dehong",
    "怒江傈僳族自治州": "Nujiang",
    "迪庆藏族自治州": "Diqing",
    "红河哈尼族彝族自治州": "Honghe",
    "文山壮族苗族自治州": "Wenshan",
    "大理白族自治州": "Dali",
    "楚雄彝族自治州": "Chuxiong",
    "恩施土家族苗族自治州": "Enshi",
    "湘西土家族苗族自治州": "Xiangxi",
    "黔西南布依族苗族自治州": "Qianxinan",
    "黔东南苗族侗族自治州": "Qiandongnan",
    "黔南布依族苗族自治州": "Qiannan",
    "陕西省": "Shaanxi",
    # Inner Mongolia
    "土默特左旗": "Tumed Left Banner",
    "托克托县": "Togtoh",
    "和林格尔县": "Horinger",
    "土默特右旗": "Tumed Right Banner",
    "白云鄂博矿区": "Bayan Obo",
    "达尔罕茂明安联合旗": "Darhan Muminggan",
    "阿鲁科尔沁旗": "Ar Horqin Banner",
    "巴林左旗": "Bairin Left Banner",
    "巴林右旗": "Bairin Right Banner",
    "克什克腾旗": "Hexigten Banner",
    "翁牛特旗": "Ongniud Banner",
    "喀喇沁旗": "Harqin Banner",
    "敖汉旗": "Aohan Banner",
    "科尔沁区": "Horqin",
    "科尔沁左翼中旗": "Horqin Left Middle Banner",
    "科尔沁左翼后旗": "Horqin Left Rear Banner",
    "奈曼旗": "Naiman Banner",
    "扎鲁特旗": "Jarud Banner",
    "霍林郭勒市": "Holingol",
    "库伦旗": "Hure Banner",
    "达拉特旗": "Dalad Banner",
    "准格尔旗": "Jungar Banner",
    "鄂托克前旗": "Otog Front Banner",
    "鄂托克旗": "Otog Banner",
    "杭锦旗": "Hanggin Banner",
    "乌审旗": "Uxin Banner",
    "伊金霍洛旗": "Ejin Horo Banner",
    "海拉尔区": "Hailar",
    "扎赉诺尔区": "Jalainur",
    "阿荣旗": "Arun Banner",
    "莫力达瓦达斡尔族自治旗": "Morin Dawa",
    "鄂伦春自治旗": "Oroqen",
    "鄂温克族自治旗": "Evenk",
    "陈巴尔虎旗": "Old Barag Banner",
    "新巴尔虎左旗": "New Barag Left Banner",
    "新巴尔虎右旗": "New Barag Right Banner",
    "满洲里市": "Manzhouli",
    "额尔古纳市": "Ergun",
    "扎兰屯市": "Zalantun",
    "杭锦后旗": "Hanggin Rear Banner",
    "乌拉特前旗": "Urad Front Banner",
    "乌拉特中旗": "Urad Middle Banner",
    "乌拉特后旗": "Urad Rear Banner",
    "磴口县": "Dengkou",
    "察哈尔右翼前旗": "Chahar Right Front Banner",
    "察哈尔右翼中旗": "Chahar Right Middle Banner",
    "察哈尔右翼后旗": "Chahar Right Rear Banner",
    "四子王旗": "Siziwang Banner",
    "乌兰浩特市": "Ulanhot",
    "科尔沁右翼前旗": "Horqin Right Front Banner",
    "科尔沁右翼中旗": "Horqin Right Middle Banner",
    "扎赉特旗": "Jalaid Banner",
    "二连浩特市": "Erenhot",
    "锡林浩特市": "Xilinhot",
    "阿巴嘎旗": "Abag Banner",
    "苏尼特左旗": "Sonid Left Banner",
    "苏尼特右旗": "Sonid Right Banner",
    "东乌珠穆沁旗": "East Ujimqin Banner",
    "西乌珠穆沁旗": "West Ujimqin Banner",
    "太仆寺旗": "Taibus Banner",
    "镶黄旗": "Bordered Yellow Banner",
    "正镶白旗": "Plain and Bordered White Banner",
    "正蓝旗": "Plain Blue Banner",
    "乌拉盖管委会": "Ulgai Management Area",
    "阿拉善左旗": "Alxa Left Banner",
    "阿拉善右旗": "Alxa Right Banner",
    "额济纳旗": "Ejin Banner",
    # the north-east
    "前郭尔罗斯蒙古族自治县": "Qian Gorlos",
    "杜尔伯特蒙古族自治县": "Dorbod",
    "昂昂溪区": "Ang'angxi",
    "富拉尔基区": "Fularji",
    "梅里斯达斡尔族区": "Meilisi",
    "喀喇沁左翼蒙古族自治县": "Harqin Left Wing",
    # Xinjiang
    "沙依巴克区": "Saybag",
    "达坂城区": "Dabancheng",
    "鄯善县": "Shanshan",
    "托克逊县": "Toksun",
    "巴里坤哈萨克自治县": "Barkol",
    "呼图壁县": "Hutubi",
    "玛纳斯县": "Manas",
    "吉木萨尔县": "Jimsar",
    "木垒哈萨克自治县": "Mori",
    "阿拉山口市": "Alashankou",
    "库尔勒市": "Korla",
    "焉耆回族自治县": "Yanqi",
    "尉犁县": "Lopnur",
    "若羌县": "Ruoqiang",
    "且末县": "Qiemo",
    "和静县": "Hejing",
    "和硕县": "Hoxud",
    "博湖县": "Bohu",
    "阿克苏市": "Aksu",
    "库车市": "Kuqa",
    "沙雅县": "Xayar",
    "新和县": "Toksu",
    "拜城县": "Baicheng",
    "乌什县": "Wushi",
    "阿瓦提县": "Awat",
    "柯坪县": "Kalpin",
    "阿图什市": "Artux",
    "阿克陶县": "Akto",
    "阿合奇县": "Akqi",
    "乌恰县": "Wuqia",
    "喀什市": "Kashgar",
    "莎车县": "Yarkant",
    "麦盖提县": "Makit",
    "岳普湖县": "Yopurga",
    "英吉沙县": "Yengisar",
    "塔什库尔干塔吉克自治县": "Taxkorgan",
    "伽师县": "Jiashi",
    "和田市": "Hotan",
    "和田县": "Hotan County",
    "墨玉县": "Karakax",
    "洛浦县": "Lop",
    "策勒县": "Qira",
    "于田县": "Keriya",
    "民丰县": "Minfeng",
    "奎屯市": "Kuytun",
    "霍尔果斯市": "Khorgos",
    "察布查尔锡伯自治县": "Qapqal",
    "尼勒克县": "Nilka",
    "特克斯县": "Tekes",
    "乌苏市": "Usu",
    "额敏县": "Emin",
    "托里县": "Toli",
    "和布克赛尔蒙古自治县": "Hoboksar",
    "布尔津县": "Burqin",
    "富蕴县": "Fuyun",
    "哈巴河县": "Habahe",
    "吉木乃县": "Jeminay",
    "克拉玛依区": "Karamay District",
    "乌尔禾区": "Urho",
    "乌鲁木齐县": "Urumqi County",
    "阿勒泰市": "Altay",
    "阿拉尔市": "Aral",
    "图木舒克市": "Tumxuk",
    "可克达拉市": "Kokdala",
    # Tibet and the Tibetan prefectures
    "桑珠孜区": "Samzhubze",
    "堆龙德庆区": "Doilungdeqen",
    "达孜区": "Dagze",
    "林周县": "Lhunzhub",
    "当雄县": "Damxung",
    "尼木县": "Nyemo",
    "曲水县": "Quxu",
    "墨竹工卡县": "Maizhokunggar",
    "江孜县": "Gyantse",
    "定日县": "Tingri",
    "亚东县": "Yadong",
    "巴宜区": "Bayi",
    "米林县": "Mainling",
    "墨脱县": "Medog",
    "波密县": "Bome",
    "察隅县": "Zayu",
    "乃东区": "Nedong",
    "色尼区": "Seni",
    "加查县": "Gyaca",
    "朗县": "Nang County",
    "工布江达县": "Gongbo'gyamda",
    "错那县": "Cona",
    "香格里拉市": "Shangri-La",
    "格尔木市": "Golmud",
    "德令哈市": "Delingha",
    "马尔康市": "Barkam",
    "西沙区": "Xisha (Paracel) Islands",
    "南沙区": "Nansha",
    # readings and class words
    "浦东新区": "Pudong New Area",
    "滨海新区": "Binhai New Area",
    "兰州新区": "Lanzhou New Area",
    "苏州工业园区": "Suzhou Industrial Park",
    "洪洞县": "Hongtong",
    "神农架林区": "Shennongjia",
    "大兴安岭地区": "Daxing'anling",
    "大柴旦行政委员会": "Da Qaidam",
    "镇江新区": "Zhenjiang New Area",
    "北戴河新区": "Beidaihe New Area",
    "六枝特区": "Liuzhi",
    "东乡族自治县": "Dongxiang",
    "山西转型综合改革示范区": "Shanxi Reform Zone",
    "新疆生产建设兵团": "XPCC",
    "吉林中国新加坡食品区": "Jilin Sino-Singapore Food Zone",
    "龙感湖管理区": "Longganhu",
    "城区": "Chengqu",
    "郊区": "Jiaoqu",
    "矿区": "Kuangqu",
    "东区": "Dongqu",
    "西区": "Xiqu",
    "芒市": "Mangshi",
    "乐亭县": "Laoting",
    "马尾区": "Mawei",
    "阿克塞哈萨克族自治县": "Aksay",
    "包头稀土高新技术产业开发区": "Baotou Rare Earth High-tech Zone",
    "长春汽车经济技术开发区": "Changchun Automotive Economic Zone",
    "安徽芜湖长江大桥经济开发区": "Wuhu Yangtze Bridge Economic Zone",
    "豫东综合物流产业聚集区": "Yudong Logistics Cluster",
    "西藏文化旅游创意园区": "Tibet Culture and Tourism Park",
    "内蒙古阿拉善经济开发区": "Alxa Economic Zone",
    "永州市回龙圩管理区": "Yongzhou Huilongxu Management Area",
}
# 南沙区 is a district of Guangzhou (440115) and of Sansha (460302)
BY_CODE: dict[str, str] = {"460302": "Nansha (Spratly) Islands", "460303": "Zhongsha Islands"}

PEOPLES = (
    ""
    "壮族|回族|维吾尔|哈萨克|蒙古族|蒙古|藏族|苗族|彝族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|傣族|黎族|傈僳族|"
    ""
    "佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯|"
    "阿昌族|普米族|塔吉克|怒族|鄂温克族|德昂族|保安族|裕固族|独龙族|各族"
)
CLASS = re.compile(rf"((?:{PEOPLES})*(?:自治县|自治州|自治旗|自治区)|(?:{PEOPLES})区|市|区|县|旗)$")
ZONES: tuple[tuple[str, str], ...] = (
    (
        r"((医药)?高新技术产业开发区|高技术产业开发区|高新技术产业园区|高新技术开发区)$",
        "High-tech Zone",
    ),
    (r"(经济技术开发区|经济开发区)$", "Economic Zone"),
    (r"(城乡一体化示范区)$", "Integration Demonstration Zone"),
    (r"(航空港经济综合实验区)$", "Airport Economy Zone"),
    (r"(风景名胜区)$", "Scenic Area"),
    (r"(综合保税区)$", "Free Trade Zone"),
    (r"(现代产业园区|现代产业园|工业园区|化工园区)$", "Industrial Park"),
    (r"(示范区)$", "Demonstration Zone"),
    (r"(管理区)$", "Management Area"),
    (r"(园区)$", "Park"),
    (r"(新区|新城)$", "New Area"),
    (r"(物流产业聚集区)$", "Logistics Cluster"),
)
PROVINCE_PREFIX = re.compile(r"^(河北|山西|内蒙古|吉林|安徽|河南|湖南|西藏)(?=..)")
ZONE_CITIES = re.compile(
    ""
    "石家庄|张家口|平顶山|唐山|邯郸|保定|沧州|衡水|长春|合肥|芜湖|潍坊|威海|德州|湘潭|衡阳|新乡|岳阳|常德|益阳|永州|怀化|阜阳|宿州"
)
CLASS_WORD = {"县": "County", "区": "District", "市": "City", "旗": "Banner"}


def joined(parts: list[str]) -> str:
    """Return syllables as one capitalised word with the apostrophe of Xi'an."""
    word = parts[0] + "".join(f"'{p}" if p[0] in "aeo" else p for p in parts[1:])
    return word[:1].upper() + word[1:]


def readings(stem: str, spelling: str) -> list[str]:
    """Return the syllables of `stem` whose string begins `spelling`, else those of the station
    tables.
    """
    options = [
        sorted({s.replace("ü", "v") for s in pinyin(char, style=Style.NORMAL, heteronym=True)[0]})
        for char in stem
    ]
    target = spelling.lower()
    found: list[list[str]] = [[]]
    for row in options:
        found = [[*f, s] for f in found for s in row if target.startswith("".join(f) + s)]
    default = syllables(stem)
    plain = [s.replace("ü", "v") for s in default]
    if not found or plain in found:
        return default
    return [s.replace("v", "ü") for s in found[0]]


def english_place(name: str, spelling: str = "", code: str = "") -> tuple[str, bool]:
    """Return the English name of a unit and whether a class word was dropped from it."""
    if code in BY_CODE:
        return BY_CODE[code], False
    if name in COMMON:
        return COMMON[name], False
    for pattern, word in ZONES:
        if (hit := re.search(pattern, name)) and int(code[4:] or 0) >= 70:
            stem = PROVINCE_PREFIX.sub("", name[: hit.start()])
            return f"{zone_stem(stem)} {word}", False
    stem = CLASS.sub("", name)
    if len(stem) == 1:
        return f"{joined(readings(stem, spelling))} {CLASS_WORD[name[-1]]}", False
    return english_stem(stem, spelling), True


def zone_stem(stem: str) -> str:
    """Return the English form of "city + place" that names a development zone."""
    stem = stem.replace("循环", "")
    hit = ZONE_CITIES.match(stem)
    if hit is None or hit.group(0) == stem:
        return english_stem(stem.removesuffix("市"))
    rest = stem[hit.end() :].removeprefix("市")
    return (
        f"{english_stem(hit.group(0))} {english_stem(rest)}" if rest else english_stem(hit.group(0))
    )


def english_stem(stem: str, spelling: str = "") -> str:
    """Return the English form of a name without its class word."""
    if stem in STEMS:
        return STEMS[stem]
    return joined(readings(stem, spelling))


def county_names(rows: list[tuple[str, str, str, str]]) -> dict[str, str]:
    """Return the English name by county code of rows (code, name, spelling, prefecture code)."""
    out: dict[str, str] = {}
    taken: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    for code, name, spelling, prefecture in sorted(rows):
        english, bare = english_place(name, spelling, code)
        out[code] = english
        taken.setdefault((prefecture, english), []).append((code, name, bare))
    for (_, english), units in taken.items():
        if len(units) > 1:
            for code, name, bare in units:
                if bare and name[-1] != "市" and name[-1] in CLASS_WORD:
                    out[code] = f"{english} {CLASS_WORD[name[-1]]}"
    return out
