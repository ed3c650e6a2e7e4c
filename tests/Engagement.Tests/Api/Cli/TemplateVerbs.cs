using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Cli;

/// <summary>The verbs for templates, good and bad.</summary>
public sealed class TemplateVerbs : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_template_is_rendered_with_its_data()
    {
        var template = Write("hello.txt", "您好{{ name }}，共 {{ items.size }} 件{{ for i in items }} {{ i }}{{ end }}🎂");
        var data = Write("hello.json", """{"name":"王秀兰","items":["护手霜","口罩"]}""");

        Assert.Equal((0, "您好王秀兰，共 2 件 护手霜 口罩🎂\n", ""), Of(await EngageProcess.RunAsync("templates", "render", template, "--data", data)));
    }

    [Theory]
    [InlineData("您好\n{{ if }}", 2)]
    [InlineData("一\n二\n  {{ member.name | string.no_such_function }}", 3)]
    [InlineData("{{ 1 + }}", 1)]
    public async Task An_error_names_template_line_and_column(string text, int line)
    {
        var template = Write("bad.txt", text);

        foreach (var arguments in (string[][])[["templates", "render", template], ["templates", "check", template]])
        {
            var spoken = await EngageProcess.RunAsync(arguments);
            Assert.Equal((1, ""), (spoken.ExitCode, spoken.Output));
            Assert.Matches($@"bad\.txt\({line},\d+\)", spoken.Error);
        }
    }

    [Fact]
    public async Task A_name_that_is_nowhere_is_found_by_the_check_with_the_one_that_was_meant()
    {
        var spoken = await EngageProcess.RunAsync("templates", "check", Write("slip.txt", "您好\n{{ member.nmae }}"));

        Assert.Equal((1, ""), (spoken.ExitCode, spoken.Output));
        Assert.Matches(@"slip\.txt\(2,\d+\).*member\.name", spoken.Error);

        var sample = File.ReadAllText(Repository.Path("samples", "templates", "refill_reminder.json"));
        var message = await EngageProcess.RunAsync("templates", "check", Write("slip.json", sample.Replace("store.name", "stor.name", StringComparison.Ordinal)));
        Assert.Equal(1, message.ExitCode);
        Assert.Contains("refill_reminder sms.store(1,", message.Error);
    }

    [Fact]
    public async Task A_check_lists_the_variables_and_tries_the_template_on_members_on_whom_templates_fail()
    {
        var good = await EngageProcess.RunAsync("templates", "check", Write("good.txt", "{{ member.title }}，{{ store.name }}祝您生日快乐！"));

        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.StartsWith("used: member.title, store.name\nunused: member.name, member.surname, store.city, ", good.Output);
        Assert.Contains("all 5 sample members; the longest text has 36 characters, 1 parts by SMS:\n阿卜杜热合曼会员，", good.Output);

        var bad = await EngageProcess.RunAsync("templates", "check", Write("bad.txt", "{{ member.name[0] + 1 }}\n{{ 10 // (member.name.size - 3) }}"));
        Assert.Equal((1, ""), (bad.ExitCode, bad.Output));
        Assert.Contains("bad.txt(2,7): Division by zero.", bad.Error);
    }

    [Fact]
    public async Task Data_that_is_no_json_is_refused()
    {
        var spoken = await EngageProcess.RunAsync("templates", "render", Write("t.txt", "x"), "--data", Write("t.json", "{"));

        Assert.Equal(1, spoken.ExitCode);
        Assert.Contains("data cannot be used", spoken.Error);
    }

    [Fact]
    public async Task Every_sample_passes_its_check_and_a_broken_copy_does_not()
    {
        var sample = Repository.Path("samples", "templates", "refill_reminder.json");
        Assert.Equal((0, "nothing stands against it\n", ""), Of(await EngageProcess.RunAsync("templates", "check", sample)));

        var spoken = await EngageProcess.RunAsync("templates", "check", Write("drug.json", File.ReadAllText(sample).Replace("您在${store}的续购提醒", "您的氨氯地平片续购提醒", StringComparison.Ordinal)));
        Assert.Equal(1, spoken.ExitCode);
        Assert.Contains("refill_reminder sms:", spoken.Error);

        var noTemplate = await EngageProcess.RunAsync("templates", "check", Write("other.json", """{"code":"x"}"""));
        Assert.Equal(1, noTemplate.ExitCode);
        Assert.Contains("no template file", noTemplate.Error);
    }

    [Fact]
    public async Task A_folder_of_cases_is_run_and_counted()
    {
        Write("good.txt", "{{ 1 + 1 }}");
        Write("good.out.txt", "2");
        var good = await EngageProcess.RunAsync("templates", "conform", _folder.Path);
        Assert.Equal((0, "1 passed, 0 failed\n"), (good.ExitCode, good.Output));

        Write("bad.txt", "{{ 1 + 1 }}");
        Write("bad.out.txt", "3");
        var bad = await EngageProcess.RunAsync("templates", "conform", _folder.Path);
        Assert.Equal(1, bad.ExitCode);
        Assert.EndsWith("1 passed, 1 failed\n", bad.Output);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private static (int, string, string) Of(Spoken spoken) => (spoken.ExitCode, spoken.Output, spoken.Error);
}
