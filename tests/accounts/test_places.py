"""Organisations and the region tree, inside the administrator's own subtree; and the first administrator."""


from app.accounts.models import Organisation, Person
from app.accounts.regions import Level, Region, regions_in
from app.core.audit import AuditRecord
from app.core.database import db


def organisation(region, **changes):
    data = {
        "name_zh": "北山社区服务站",
        "name_en": "",
        "region": str(region.id),
        "number_prefix": "北社",
        "phone": "000-1",
    }
    return data | changes


def test_an_organisation_is_added_and_changed(app, admin, county):
    assert admin.submit("/organisations/new", organisation(county.villages[0])).status_code == 303
    with app.app_context():
        row = db.session.query(Organisation).filter_by(number_prefix="北社").one()
        assert (row.township_id, row.village_id) == (county.townships[0].id, county.villages[0].id)
    changed = organisation(county.townships[1], number_prefix="南社")
    assert admin.submit(f"/organisations/{row.id}", changed).status_code == 303
    with app.app_context():
        row = db.session.get_one(Organisation, row.id)
        assert (row.township_id, row.village_id) == (county.townships[1].id, None)
        actions = [
            row.action
            for row in db.session.query(AuditRecord)
            .where(AuditRecord.person_id.is_not(None))
            .order_by(AuditRecord.seq)
        ]
    assert actions == ["organisation_added", "organisation_edited"]
    admin.page("/organisations")  # the message of the last save is shown once
    assert "北山社区服务站" in admin.page("/organisations").text


def test_ones_own_organisation_is_not_moved(admin, county):
    answer = admin.submit(f"/organisations/{county.agency.id}", organisation(county.townships[0]))
    assert answer.status_code == 409


def test_a_township_administrator_stays_in_the_township(app, township_admin, county):
    for path in (
        f"/organisations/{county.agency.id}",
        f"/organisations/{county.hospitals[1].id}",
        f"/regions/{county.region.id}",
        f"/regions/{county.townships[1].id}",
        f"/regions/{county.villages[2].id}/new",
    ):
        assert township_admin.get(path).status_code == 404
    assert township_admin.submit("/organisations/new", organisation(county.region)).status_code == 422
    page = township_admin.get("/regions").get_data(as_text=True)
    assert county.villages[0].name_zh in page
    assert county.villages[2].name_zh not in page


def test_the_tree_grows_by_the_next_level_only(app, admin, county):
    village = county.villages[0]
    data = {"name_zh": "东一网格", "name_en": "", "code": "990100001101"}
    assert admin.submit(f"/regions/{village.id}/new", data).status_code == 303
    with app.app_context():
        grid = db.session.query(Region).filter_by(code="990100001101").one()
        assert grid.level is Level.GRID
        assert (grid.county_id, grid.township_id, grid.village_id) == (
            county.region.id,
            county.townships[0].id,
            village.id,
        )
        assert [row.id for row in regions_in(grid)] == [grid.id]
    assert admin.get(f"/regions/{grid.id}/new").status_code == 404
    assert admin.submit(f"/regions/{village.id}/new", data).status_code == 422
    renamed = {"name_zh": "东二网格", "name_en": "Grid", "code": "990100001101"}
    assert admin.submit(f"/regions/{grid.id}", renamed).status_code == 303
    assert "东二网格" in admin.get("/regions").get_data(as_text=True)


def test_the_first_administrator_comes_from_the_command_line(app):
    run = app.test_cli_runner().invoke
    arguments = [
        "people", "add-admin", "chief", "--name", "管小一", "--county-code", "990300",
        "--county", "新县", "--organisation", "新县疾控局", "--prefix", "新疾控",
    ]  # fmt: skip
    result = run(args=arguments)
    assert result.exit_code == 0, result.output
    password = result.output.rsplit(": ", 1)[1].strip()
    client = app.test_client()
    token = client.get("/sign-in").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post("/sign-in", data={"csrf_token": token, "login": "chief", "password": password})
    assert answer.status_code == 302
    again = run(args=arguments)
    assert again.exit_code == 1
    assert "taken" in again.output
    arguments[2] = "second"
    typed = run(args=[*arguments, "--ask-password"], input="北山的雨昨天停了吗\n北山的雨昨天停了吗\n")
    assert typed.exit_code == 0, typed.output
    with app.app_context():
        assert db.session.query(Region).count() == 1
        assert db.session.query(Organisation).count() == 1
        assert not db.session.query(Person).filter_by(login="second").one().must_change_password
