"""The invented county. Every name says that it is invented (演示); nobody and no firm of this name exists."""

from dataclasses import dataclass

PASSWORD = "xuncha-demo-2026"  # noqa: S105 - printed at the start of a trial installation, never used elsewhere

COUNTY = ("990100", "演示县", "Demo County")
TOWNSHIPS = {
    "990101": ("南河镇", "Nanhe Township", {"99010101": ("河口村", "Hekou"), "99010102": ("松岭村", "Songling"), "99010103": ("老街社区", "Old Street")}),
    "990102": ("北岭乡", "Beiling Township", {"99010201": ("云坪村", "Yunping"), "99010202": ("石桥村", "Shiqiao"), "99010203": ("青木村", "Qingmu")}),
}


@dataclass(frozen=True)
class Person:
    """Someone who signs in; `place` is a region code, certificates end `certificate_days` from today."""

    login: str
    name: str
    role: str
    place: str
    certificate: str = ""
    certificate_days: int = 0


PEOPLE = (
    Person("admin", "管理员(演示)", "administrator", "990100"),
    Person("jiandu", "示范监督员甲", "supervisor", "990100", "演示执法0001", 900),
    Person("jiandu2", "示范监督员乙", "supervisor", "990100", "演示执法0002", 400),
    Person("xieguan", "示范员甲", "coordinator", "990101", "演示协管0101", 700),
    Person("xieguan2", "示范员乙", "coordinator", "990101", "演示协管0102", 41),
    Person("xieguan3", "示范员丙", "coordinator", "990102", "演示协管0201", 500),
    Person("guoqi", "示范员丁", "coordinator", "990102", "演示协管0202", -12),
    Person("xinxi", "示范信息员甲", "informant", "99010101"),
    Person("xinxi2", "示范信息员乙", "informant", "99010201"),
)

ORGANISATIONS = {
    "990100": ("演示县疾病预防控制局", "Demo County Disease Control Bureau", "演卫监", "0999-1234567"),
    "990101": ("演示县南河镇卫生院", "Nanhe Township Hospital", "南卫", "0999-1234501"),
    "990102": ("演示县北岭乡卫生院", "Beiling Township Hospital", "北卫", "0999-1234502"),
}

# (name, kind, domains, region code, address, person in charge)
PREMISES = (
    ("青禾小饭馆", "restaurant", ("catering", "fire"), "99010103", "老街12号", "示范老板甲"),
    ("老街面馆", "small_eatery", ("catering", "fire"), "99010103", "老街25号", "示范老板乙"),
    ("松岭农家乐", "restaurant", ("catering", "fire"), "99010102", "松岭村3组", "示范老板丙"),
    ("河口渡口饭店", "restaurant", ("catering", "fire"), "99010101", "渡口路1号", "示范老板丁"),
    ("晨光幼儿园食堂", "canteen_school", ("catering",), "99010103", "文昌路8号", "示范园长甲"),
    ("南河镇中心小学食堂", "canteen_school", ("catering",), "99010103", "文昌路20号", "示范校长甲"),
    ("河口工地食堂", "canteen_other", ("catering", "fire"), "99010101", "新桥工地", "示范项目员甲"),
    ("云坪小吃店", "small_eatery", ("catering", "fire"), "99010201", "云坪街6号", "示范老板戊"),
    ("石桥豆花店", "small_eatery", ("catering", "fire"), "99010202", "石桥头2号", "示范老板己"),
    ("青木酒家", "restaurant", ("catering", "fire"), "99010203", "青木场口", "示范老板庚"),
    ("松岭水厂", "central_water", ("water",), "99010102", "松岭村水源地", "示范站长甲"),
    ("河口村供水点", "central_water", ("water",), "99010101", "河口村北坡", "示范管水员甲"),
    ("老街二次供水泵房", "secondary_water", ("water",), "99010103", "安居小区地下", "示范物业甲"),
    ("云坪村水厂", "central_water", ("water",), "99010201", "云坪村上坪", "示范站长乙"),
    ("石桥自建水井", "self_built_water", ("water",), "99010202", "石桥村2组", "示范管水员乙"),
    ("青木村供水站", "central_water", ("water",), "99010203", "青木村1组", "示范管水员丙"),
    ("河口村卫生室", "village_clinic", ("clinics",), "99010101", "河口村村部", "示范村医甲"),
    ("松岭村卫生室", "village_clinic", ("clinics",), "99010102", "松岭村村部", "示范村医乙"),
    ("老街中医诊所", "clinic", ("clinics", "fire"), "99010103", "老街41号", "示范医师甲"),
    ("安心口腔诊所", "clinic", ("clinics", "fire"), "99010103", "文昌路2号", "示范医师乙"),
    ("云坪村卫生室", "village_clinic", ("clinics",), "99010201", "云坪村村部", "示范村医丙"),
    ("石桥村卫生室", "village_clinic", ("clinics",), "99010202", "石桥村村部", "示范村医丁"),
    ("青木村卫生室", "village_clinic", ("clinics",), "99010203", "青木村村部", "示范村医戊"),
    ("南河镇中心小学", "school", ("schools", "water", "fire"), "99010103", "文昌路20号", "示范校长甲"),
    ("河口村小学", "school", ("schools", "water"), "99010101", "河口村1组", "示范校长乙"),
    ("晨光幼儿园", "kindergarten", ("schools", "fire"), "99010103", "文昌路8号", "示范园长甲"),
    ("北岭乡中心小学", "school", ("schools", "water", "fire"), "99010201", "云坪街30号", "示范校长丙"),
    ("青木教学点", "school", ("schools",), "99010203", "青木村3组", "示范校长丁"),
    ("平安招待所", "lodging", ("public_places", "fire"), "99010103", "车站路5号", "示范老板辛"),
    ("松涛民宿", "lodging", ("public_places", "fire"), "99010102", "松岭村5组", "示范老板壬"),
    ("美丽发屋", "hair_beauty", ("public_places",), "99010103", "老街7号", "示范店主甲"),
    ("清泉浴室", "bathing", ("public_places", "fire"), "99010103", "车站路11号", "示范店主乙"),
    ("南河游泳馆", "swimming", ("public_places", "fire"), "99010103", "滨河路1号", "示范馆长甲"),
    ("云坪理发店", "hair_beauty", ("public_places",), "99010201", "云坪街12号", "示范店主丙"),
    ("青木客栈", "lodging", ("public_places", "fire"), "99010203", "青木场口9号", "示范店主丁"),
    ("老街百货超市", "shop", ("fire",), "99010103", "老街1号", "示范店主戊"),
    ("河口木器加工坊", "workshop", ("fire",), "99010101", "河口村4组", "示范店主己"),
    ("欢乐歌厅", "entertainment", ("fire", "public_places"), "99010103", "车站路20号", "示范店主庚"),
    ("石桥烟花零售点", "fuel_storage", ("fire",), "99010202", "石桥村口", "示范店主辛"),
    ("新桥建筑工地", "building_site", ("fire",), "99010101", "新桥工地", "示范项目员乙"),
    ("北岭出租公寓", "rented_housing", ("fire",), "99010201", "云坪街50号", "示范房东甲"),
    ("龙门老街红旗路与滨河东路交叉口一品鲜香家常菜土菜馆", "restaurant", ("catering", "fire"), "99010103", "红旗路88号附5号", "示范老板癸"),
)

# (premises name, days ago, coordinator login, [(item code, note)], issue a notice?, finished?)
HISTORY = (
    ("青禾小饭馆", 31, "xieguan", (("CAT-06", "冷柜上方三种调料没有票据"), ("CAT-19", "后门纱窗破一处")), True),
    ("老街面馆", 6, "xieguan", (("FIR-06", "后厨只有一具灭火器"), ("CAT-09", "两袋面粉直接放在地上")), True),
    ("晨光幼儿园食堂", 1, "xieguan2", (("CAT-23", "昨天午餐留样缺汤类"),), True),
    ("松岭水厂", 8, "xieguan2", (("WAT-07", "10 月自检记录缺 6 天"),), True),
    ("河口村卫生室", 3, "xieguan", (("CLI-17", "开启的碘伏未写开启时间"), ("CLI-20", "利器盒超过四分之三")), True),
    ("平安招待所", 2, "xieguan", (("PUB-05", "两间房的杯具未消毒"), ("FIR-03", "二楼后楼梯口堆放床垫")), True),
    ("云坪小吃店", 11, "xieguan3", (("CAT-05", "切配人员未戴工作帽"),), True),
    ("石桥村卫生室", 5, "xieguan3", (), False),
    ("美丽发屋", 20, "xieguan2", (), False),
    ("南河镇中心小学", 3, "xieguan2", (("SCH-11", "二楼洗手池缺洗手液"),), True),
    ("河口渡口饭店", 2, "xieguan", (("CAT-15", "保洁柜门关不严"),), False),
    ("老街百货超市", 1, "xieguan", (("FIR-07", "一具灭火器压力不在绿区"),), True),
)
