using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.FileProviders;

namespace Engagement.Api.Preview;

/// <summary>The mini-program in a browser, as any of the demo's people. Mapped in a demo only: it hands out sign-in codes.</summary>
internal static class PreviewEndpoints
{
    /// <summary>Where the built pages are.</summary>
    public const string FolderSetting = "Preview:Folder";

    private const string Prefix = "/preview";

    private static readonly Phrase s_missing = new(
        "预览还没有构建。需要 Node.js 20 或更新的版本（带 npm）；安装后重新运行 ./run.sh 即可。其他功能不受影响。",
        "The preview is not built. It needs Node.js 20 or newer with npm: install it and run ./run.sh again. Everything else works without.");

    /// <summary>Serves the folder that the settings name, and the two calls by which the preview becomes somebody.</summary>
    public static void MapPreview(this WebApplication app)
    {
        var folder = app.Configuration[FolderSetting];
        var index = folder is null ? null : Path.Combine(Path.GetFullPath(folder), "index.html");
        if (File.Exists(index))
        {
            app.UseStaticFiles(new StaticFileOptions
            {
                FileProvider = new PhysicalFileProvider(Path.GetDirectoryName(index)!),
                RequestPath = Prefix,
                // Asked for again each time, and answered with 304: a rebuilt page is seen at once.
                OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "no-cache",
            });
        }

        var group = app.MapGroup(Prefix).ExcludeFromDescription();
        group.MapGet("/", (HttpRequest request) => Index(request, index));
        group.MapGet("/people", List);
        group.MapPost("/codes", CodeAsync);
    }

    private static IResult Index(HttpRequest request, string? index)
    {
        if (File.Exists(index)) return TypedResults.PhysicalFile(index, "text/html; charset=utf-8");
        var text = s_missing.In(Languages.Of(request));
        return TypedResults.Content($"<!doctype html><meta charset=\"utf-8\"><title>/preview</title><p>{text}</p>", "text/html; charset=utf-8", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static Ok<PreviewList> List() => TypedResults.Ok(new PreviewList([.. s_people.Select(person => new PreviewPerson(person.Key, person.Name, person.Text))]));

    private static async Task<Results<Ok<PreviewCode>, NotFound>> CodeAsync(string @as, string kind, PreviewPeople people, CancellationToken ct) =>
        await people.CodeAsync(@as, kind, ct) is { } code ? TypedResults.Ok(new PreviewCode(code)) : TypedResults.NotFound();

    private static readonly (string Key, string Name, string Text)[] s_people =
    [
        (Story.WangXiulan, "王秀兰", "62 岁，两种慢病药快吃完"),
        (Story.LiQiang, "李强", "今天过生日"),
        (Story.ChenMin, "陈敏", "一种药快吃完，没有微信授权"),
        (Story.ZhaoLei, "赵磊", "撤回了健康信息同意"),
        (Story.ZhouFang, "周芳", "在活动的对照组里"),
        (PreviewPeople.Visitor, "新访客", "还没有登录手机号"),
    ];
}

internal sealed record PreviewList(IReadOnlyList<PreviewPerson> Items);

internal sealed record PreviewPerson(string Key, string Name, string Text);

internal sealed record PreviewCode(string Code);
