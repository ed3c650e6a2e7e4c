using System.CommandLine;
using System.Text.Json;
using Engagement.Api.Hosting;
using Engagement.Messaging.Content;
using Engagement.Storage;
using Engagement.Templates;
using Engagement.Templates.Content;

namespace Engagement.Api.Cli;

/// <summary><c>engage templates render|check|conform</c>.</summary>
internal static class TemplatesVerb
{
    private static readonly Argument<FileInfo> s_file = new Argument<FileInfo>("FILE") { Description = Speech.Say("模板文件", "a template file") }.AcceptExistingOnly();
    private static readonly Argument<DirectoryInfo> s_folder = new Argument<DirectoryInfo>("DIR") { Description = Speech.Say("用例文件夹", "a folder of cases") }.AcceptExistingOnly();
    private static readonly Option<FileInfo?> s_model = new("--data") { Description = Speech.Say("JSON 数据文件", "a JSON file with the data"), HelpName = "JSON" };

    private static bool Chinese => Speech.Language == Language.Chinese;

    public static Command Create()
    {
        var render = new Command("render", Speech.Say("用 JSON 数据渲染一个模板", "render a template with JSON data")) { s_file, s_model };
        render.SetAction(parsed => Render(parsed.GetRequiredValue(s_file), parsed.GetValue(s_model)));
        var check = new Command("check", Speech.Say("检查一个模板：语法、变量、渠道规则和内容", "check a template: syntax, variables, channel rules and content")) { s_file };
        check.SetAction(parsed => Check(parsed.GetRequiredValue(s_file)));
        var conform = new Command("conform", Speech.Say("运行一个文件夹的语言用例", "run a folder of language cases")) { s_folder };
        conform.SetAction(parsed => Conform(parsed.GetRequiredValue(s_folder)));
        return new Command("templates", Speech.Say("模板", "templates")) { render, check, conform, TemplatesSyncVerb.CreateSync(), TemplatesSyncVerb.CreateProviders() };
    }

    private static int Render(FileInfo file, FileInfo? data)
    {
        try
        {
            using var json = JsonDocument.Parse(data is null ? "{}" : File.ReadAllText(data.FullName));
            var model = TemplateModel.FromJson(json.RootElement);
            Console.WriteLine(Engine().Compile(file.Name, File.ReadAllText(file.FullName), model.Schema).Render(model.Row));
            return 0;
        }
        catch (TemplateException failure)
        {
            return Report(failure);
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            Console.Error.WriteLine(Speech.Say($"数据不可用：{failure.Message}", $"The data cannot be used: {failure.Message}"));
            return 1;
        }
    }

    // A .json file is a message template with its channels; anything else is one text of the language.
    private static int Check(FileInfo file)
    {
        try
        {
            if (file.Extension == ".json") return Report(TemplateCheck.Run(TemplateFile.Parse(File.ReadAllText(file.FullName)), Engine()));
            return CheckText(file.Name, File.ReadAllText(file.FullName));
        }
        catch (TemplateException failure)
        {
            return Report(failure);
        }
        catch (JsonException failure)
        {
            Console.Error.WriteLine(Speech.Say($"{file.Name} 不是模板文件：{failure.Message}", $"{file.Name} is no template file: {failure.Message}"));
            return 1;
        }
    }

    private static int CheckText(string name, string source)
    {
        var analysis = Engine().Analyse(name, source, MessageModel.Schema);
        if (analysis.Unknown.Count > 0) throw new TemplateException(analysis.Unknown);

        var run = DryRun.Over(Engine().Compile(name, source, MessageModel.Schema), SampleMembers.Rows());
        if (run.Failures.Count > 0) throw new TemplateException([.. run.Failures.Select(failure => failure.Error).Distinct()]);

        var parts = SmsSegments.Count(run.LongestText);
        Console.WriteLine(Speech.Say($"用到的变量：{string.Join("、", analysis.Used)}", $"used: {string.Join(", ", analysis.Used)}"));
        Console.WriteLine(Speech.Say($"没有用到的变量：{string.Join("、", analysis.Unused)}", $"unused: {string.Join(", ", analysis.Unused)}"));
        Console.WriteLine(Speech.Say(
            $"{run.Rendered} 位样例会员都能渲染；最长 {run.LongestText.Length} 字，短信计 {parts} 条：\n{run.LongestText}",
            $"renders for all {run.Rendered} sample members; the longest text has {run.LongestText.Length} characters, {parts} parts by SMS:\n{run.LongestText}"));
        return Report([]);
    }

    private static int Conform(DirectoryInfo folder)
    {
        var (passed, failed) = (0, 0);
        foreach (var result in ConformanceRun.Run(folder.FullName, TimeProvider.System))
        {
            if (result.Passed) passed++;
            else
            {
                failed++;
                Console.WriteLine($"{result.Name}\n{result.Difference}");
            }
        }

        Console.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private static int Report(IReadOnlyList<Phrase> findings)
    {
        foreach (var finding in findings) Console.Error.WriteLine(finding.Say());
        if (findings.Count == 0) Console.WriteLine(Speech.Say("没有发现问题", "nothing stands against it"));
        return findings.Count == 0 ? 0 : 1;
    }

    private static int Report(TemplateException failure)
    {
        foreach (var error in failure.Errors) Console.Error.WriteLine(error.Describe(Chinese));
        return 1;
    }

    private static BuiltInEngine Engine() => new(TemplateLimits.Default, TimeProvider.System);
}
